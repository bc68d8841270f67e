import { type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { TypeOrmModule } from '@nestjs/typeorm';
import { type TrackerPostbacksExtras, TrackerPostbacksModule } from 'nestjs-tracker-postbacks';
import { type AdapterName, type TestApplication } from '../setup/application';
import { type TestDatabase } from '../setup/database';

/** A host application that does to every route what hosts do. */
export interface HostSettings extends ModuleMetadata {
  /** What becomes of request bodies; by default Nest parses them. */
  readonly bodies?: 'raw' | 'unread';
  readonly extras?: TrackerPostbacksExtras;
  readonly configure?: (application: INestApplication) => void;
}

/** Starts a host; unlike the plain test application it sets no prefix and no options of its own. */
export async function startHost(
  database: Pick<TestDatabase, 'options'>,
  adapter: AdapterName,
  { bodies, extras, configure, imports = [], ...metadata }: HostSettings,
): Promise<TestApplication> {
  const module = await Test.createTestingModule({
    ...metadata,
    imports: [
      EventEmitterModule.forRoot(),
      TypeOrmModule.forRoot({ ...database.options, retryAttempts: 0 }),
      TrackerPostbacksModule.forRoot({
        publicUrl: 'https://crm.example.com',
        adminOpen: true,
        ...extras,
      }),
      ...imports,
    ],
  }).compile();
  const app = module.createNestApplication(
    adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter(),
    // Nest declares its options as a class, and everybody hands over a literal.
    { logger: ['fatal'], rawBody: bodies === 'raw', bodyParser: bodies !== 'unread' },
  );
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), close: () => app.close() };
}
