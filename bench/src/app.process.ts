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
import { type AdapterName, type AppAddress, type AppKind, type AppOrder } from './app.types';
import { answerQuestions } from './child.questions';

type Import = NonNullable<ModuleMetadata['imports']>[number];

@Module({})
class BenchAppModule {}
let app: INestApplication | undefined;

/**
 * One contestant's server. Modules are loaded when they are needed: a process has in memory what a host of its kind
 * would have, and nothing of the other contestants.
 */
async function start({ kind, adapter, databaseUrl }: AppOrder): Promise<AppAddress> {
  const module: DynamicModule = { module: BenchAppModule, imports: await importsOf(kind, databaseUrl) };
  Logger.overrideLogger(['error', 'fatal']);
  app = await NestFactory.create(module, await adapterOf(adapter));
  await app.listen(0, '127.0.0.1');
  return { origin: await app.getUrl(), path: await pathOf(kind, app) };
}

async function importsOf(kind: AppKind, url: string): Promise<Import[]> {
  switch (kind) {
    case 'bare':
      return [(await import('./bare.module.js')).BareModule];
    case 'naive': {
      const { NaiveModule } = await import('./naive.module.js');
      return [database(url, { synchronize: true }), NaiveModule];
    }
    case 'ours':
      return library(url);
    case 'handled':
      return [...(await library(url)), (await import('./handled.module.js')).HandledModule];
    case 'host':
      // It runs its migrations too, so that only the module makes the difference.
      return [database(url, { migrationsRun: true }), await eventEmitter()];
    case 'peers':
      // What a host with Swagger and validation has loaded anyway.
      await Promise.all([import('@nestjs/swagger'), import('class-validator'), import('class-transformer')]);
      return [database(url, { migrationsRun: true }), await eventEmitter()];
    case 'embedded':
      return library(url);
  }
}

async function library(url: string): Promise<Import[]> {
  const { TRACKER_POSTGRES_MIGRATIONS, TrackerPostbacksModule } = await import('nestjs-tracker-postbacks');
  return [
    database(url, { migrations: [...TRACKER_POSTGRES_MIGRATIONS], migrationsRun: true }),
    await eventEmitter(),
    TrackerPostbacksModule.forRoot({ publicUrl: 'https://crm.example.com', adminOpen: true }),
  ];
}

function database(
  url: string,
  more: { migrations?: Type[]; migrationsRun?: boolean; synchronize?: boolean },
): Import {
  return TypeOrmModule.forRoot({ type: 'postgres', url, autoLoadEntities: true, retryAttempts: 0, ...more });
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

/** Resident memory in bytes, once the garbage of the start is gone. */
async function memory(): Promise<number> {
  for (let pass = 0; pass < 4; pass++) {
    globalThis.gc?.();
    await wait(250);
  }
  return process.memoryUsage.rss();
}

async function latencies(): Promise<readonly number[]> {
  const { LatencyHandler } = await import('./handled.module.js');
  return app?.get(LatencyHandler).take() ?? [];
}

answerQuestions({ start, cpu, memory, latencies }, async () => {
  await app?.close();
});
