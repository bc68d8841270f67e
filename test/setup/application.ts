import { type ModuleMetadata } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type INestApplication } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  type TrackerPostbacksExtras,
  TrackerPostbacksModule,
  type TrackerPostbacksOptions,
} from 'nestjs-tracker-postbacks';
import { type TestDatabase } from './database';
import { TEST_ENGINE } from './engines';

export type AdapterName = 'express' | 'fastify';
/** What is between the network and us is the same on every engine: the further ones have one adapter before them. */
export const ADAPTERS: readonly AdapterName[] =
  TEST_ENGINE === 'postgres' ? ['express', 'fastify'] : ['fastify'];

export interface TestApplicationSettings extends ModuleMetadata {
  readonly adapter?: AdapterName;
  /** An adapter with settings of its own instead of the plain one. */
  readonly httpAdapter?: FastifyAdapter | undefined;
  readonly options?: Partial<TrackerPostbacksOptions>;
  readonly extras?: TrackerPostbacksExtras;
  /** Before it listens: prefix, pipes, interceptors of a hostile host. */
  readonly configure?: (application: INestApplication) => void;
}

export interface TestApplication {
  readonly app: INestApplication;
  /** `http://127.0.0.1:<port>`: a real socket. */
  readonly url: string;
  close(): Promise<void>;
}

/** A host application that embeds the module and listens on loopback. */
export async function startApplication(
  database: TestDatabase,
  {
    adapter = 'fastify',
    httpAdapter,
    options,
    extras,
    configure,
    imports = [],
    ...metadata
  }: TestApplicationSettings = {},
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
        ...options,
      }),
      ...imports,
    ],
  }).compile();
  const app = module.createNestApplication(
    httpAdapter ?? (adapter === 'fastify' ? new FastifyAdapter() : new ExpressAdapter()),
    { logger: process.env['TRACKER_TEST_LOGS'] === undefined ? ['fatal'] : ['fatal', 'error', 'warn'] },
  );
  app.setGlobalPrefix('api');
  configure?.(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, url: await app.getUrl(), close: () => app.close() };
}
