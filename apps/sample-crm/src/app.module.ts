import { type DynamicModule, Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  TRACKER_ENTITIES,
  TRACKER_POSTGRES_MIGRATIONS,
  TrackerPostbacksModule,
} from 'nestjs-tracker-postbacks';
import { AuthModule } from './auth/auth.module';
import { Public } from './auth/public.decorator';
import { Chat } from './chats/chat.entity';
import { ChatDeposit } from './chats/chat-deposit.entity';
import { ChatHistoryLine } from './chats/chat-history.entity';
import { ChatsModule } from './chats/chats.module';
import { ChatField } from './custom-fields/chat-field.entity';
import { migratedDataSource } from './database/data-source.factory';
import { DemoModule } from './demo/demo.module';
import { HealthController } from './health/health.controller';
import { CrmTables1795200000100 } from './migrations/1795200000100-crm-tables.migration';
import { type SampleConfig } from './sample.config';
import { SampleConfigModule } from './sample-config.module';

/** The configuration, with the database already known. */
export type AppConfig = SampleConfig & {
  readonly databaseUrl: string;
  /** Where postbacks wait while the database is away. @default nowhere: they are answered 503 */
  readonly journalFolder?: string;
};

@Module({
  imports: [AuthModule, ChatsModule, DemoModule],
  controllers: [HealthController],
  providers: [
    { provide: APP_PIPE, useValue: new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }) },
  ],
})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SampleConfigModule.forRoot(config),
        EventEmitterModule.forRoot(),
        TypeOrmModule.forRootAsync({
          useFactory: () => ({
            type: 'postgres',
            url: config.databaseUrl,
            entities: [...TRACKER_ENTITIES, Chat, ChatField, ChatDeposit, ChatHistoryLine],
            migrations: [...TRACKER_POSTGRES_MIGRATIONS, CrmTables1795200000100],
          }),
          dataSourceFactory: (options) => {
            if (options === undefined) throw new Error('TypeORM has no options.');
            return migratedDataSource(options);
          },
        }),
        TrackerPostbacksModule.forRoot({
          publicUrl: config.publicUrl,
          ...(config.journalFolder === undefined ? {} : { journal: { directory: config.journalFolder } }),
          // The guard of AuthModule stands before every route: networks have to get past it, and the admin routes
          // need no further one.
          publicDecorators: [Public()],
          adminOpen: true,
        }),
      ],
    };
  }
}
