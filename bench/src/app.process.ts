import { setTimeout as wait } from 'node:timers/promises';
import {
  type DynamicModule,
  type INestApplication,
  Logger,
  Module,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  type AdapterName,
  type AppAddress,
  type AppKind,
  type AppOrder,
  type DatabaseOptions,
  type MemoryReading,
} from './app.types';
import { answerQuestions } from './child.questions';
import { makeDurable } from './durable.sqlite';

type Import = NonNullable<ModuleMetadata['imports']>[number];

@Module({})
class BenchAppModule {}
let app: INestApplication | undefined;

/**
 * One contestant's server. Modules are loaded when they are needed: a process has in memory what a host of its kind
 * would have, and nothing of the other contestants.
 */
async function start({ kind, adapter, database }: AppOrder): Promise<AppAddress> {
  const module: DynamicModule = { module: BenchAppModule, imports: await importsOf(kind, database) };
  Logger.overrideLogger(['error', 'fatal']);
  app = await NestFactory.create(module, await adapterOf(adapter));
  await app.listen(0, '127.0.0.1');
  return { origin: await app.getUrl(), path: await pathOf(kind, app) };
}

async function importsOf(kind: AppKind, options: DatabaseOptions): Promise<Import[]> {
  switch (kind) {
    case 'bare':
      return [(await import('./bare.module.js')).BareModule];
    case 'naive': {
      const { NaiveModule } = await import('./naive.module.js');
      return [database(options, { synchronize: true }), NaiveModule];
    }
    case 'ours':
      return library(options);
    case 'handled':
      return [...(await library(options)), (await import('./handled.module.js')).HandledModule];
    case 'host':
      // It runs its migrations too, so that only the module makes the difference.
      return [database(options, { migrationsRun: true }), await eventEmitter()];
    case 'peers':
      // What a host with Swagger and validation has loaded anyway.
      await Promise.all([import('@nestjs/swagger'), import('class-validator'), import('class-transformer')]);
      return [database(options, { migrationsRun: true }), await eventEmitter()];
    case 'embedded':
      return library(options);
  }
}

async function library(options: DatabaseOptions): Promise<Import[]> {
  const { TrackerPostbacksModule } = await import('nestjs-tracker-postbacks');
  return [
    database(options, { migrations: await migrationsOf(options), migrationsRun: true }),
    await eventEmitter(),
    TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com', adminOpen: true }),
  ];
}

async function migrationsOf({ type }: DatabaseOptions): Promise<Type[]> {
  const all = await import('nestjs-tracker-postbacks');
  switch (type) {
    case 'postgres':
      return [...all.TRACKER_POSTGRES_MIGRATIONS];
    case 'mysql':
    case 'mariadb':
      return [...all.TRACKER_MYSQL_MIGRATIONS];
    case 'better-sqlite3':
      return [...all.TRACKER_SQLITE_MIGRATIONS];
  }
}

function database(
  options: DatabaseOptions,
  more: { migrations?: Type[]; migrationsRun?: boolean; synchronize?: boolean },
): Import {
  const shared = { autoLoadEntities: true, retryAttempts: 0, ...more };
  return TypeOrmModule.forRoot(
    options.type === 'better-sqlite3'
      ? { ...options, ...shared, prepareDatabase: makeDurable }
      : { ...options, ...shared },
  );
}

async function eventEmitter(): Promise<Import> {
  const { EventEmitterModule } = await import('@nestjs/event-emitter');
  return EventEmitterModule.forRoot();
}

async function adapterOf(name: AdapterName): Promise<AbstractHttpAdapter> {
  if (name === 'fastify') return new (await import('@nestjs/platform-fastify')).FastifyAdapter();
  return new (await import('@nestjs/platform-express')).ExpressAdapter();
}

async function pathOf(kind: AppKind, running: INestApplication): Promise<string> {
  if (kind === 'bare') return '/ok';
  if (kind === 'naive') return '/naive/tracker-postback';
  if (kind !== 'ours' && kind !== 'handled') return '/';
  const { TrackerIntegrations } = await import('nestjs-tracker-postbacks');
  const { id } = await running.get(TrackerIntegrations).create({ name: 'Bench', network: 'custom' });
  return `/postbacks/${id}/tracker-postback`;
}

/** Milliseconds of processor time since the start. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Once the garbage of the start is gone, and once more when the process has worked a little since. */
async function memory(): Promise<MemoryReading> {
  const { rss: fresh } = await collected();
  makeGarbage();
  const { rss: idle, heapUsed, external } = await collected();
  return { fresh, idle, live: heapUsed + external };
}

async function collected(): Promise<NodeJS.MemoryUsage> {
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc?.();
    await wait(250);
  }
  return process.memoryUsage();
}

/** What a few hundred requests leave: enough for both halves of V8's young generation, 16 MB each. */
function makeGarbage(): void {
  const last: object[] = [];
  for (let n = 0; n < 2_000_000; n++) last[n % 1_000] = { n, text: [n] };
}

async function latencies(): Promise<readonly number[]> {
  const { LatencyHandler } = await import('./handled.module.js');
  return app?.get(LatencyHandler).take() ?? [];
}

answerQuestions({ start, cpu, memory, latencies }, async () => {
  await app?.close();
});
