import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  TRACKER_POSTGRES_MIGRATIONS,
  TrackerIntegrations,
  TrackerPostbacksModule,
} from 'nestjs-tracker-postbacks';
import { type Logger } from 'typeorm';

/** One statement as it went to the database. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

@Module({})
class LogBenchModule {}

/** A host with the module and nothing else, that tells which statements it sends. */
export interface LogHost {
  /** `http://127.0.0.1:<port>/api/tracker/`. */
  readonly url: string;
  /** Ids of new integrations, the first of another network than the others. */
  createIntegrations(): Promise<readonly string[]>;
  /** The statements since the last call. */
  taken(): readonly Statement[];
  close(): Promise<void>;
}

export async function startLogHost(databaseUrl: string): Promise<LogHost> {
  let statements: Statement[] = [];
  const module = {
    module: LogBenchModule,
    imports: [
      EventEmitterModule.forRoot(),
      TypeOrmModule.forRoot({
        type: 'postgres',
        url: databaseUrl,
        autoLoadEntities: true,
        retryAttempts: 0,
        migrations: [...TRACKER_POSTGRES_MIGRATIONS],
        migrationsRun: true,
        logger: recorder((statement) => {
          if (statement.sql.includes('tracker_postbacks') && statements.length < 100)
            statements.push(statement);
        }),
        logging: ['query'],
      }),
      TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com', adminOpen: true }),
    ],
  };
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: ['fatal', 'error'] });
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  return {
    url: `${await app.getUrl()}/api/tracker/`,
    createIntegrations: async () => {
      const ids: string[] = [];
      for (const network of ['binomo', ...Array.from({ length: 7 }, () => '1win')]) {
        ids.push((await app.get(TrackerIntegrations).create({ name: network, network })).id);
      }
      return ids;
    },
    taken: () => {
      const taken = statements;
      statements = [];
      return taken;
    },
    close: () => app.close(),
  };
}

function recorder(record: (statement: Statement) => void): Logger {
  const nothing = (): void => undefined;
  return {
    logQuery: (sql, parameters: unknown) => {
      record({ sql, parameters: Array.isArray(parameters) ? (parameters as unknown[]) : [] });
    },
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
}
