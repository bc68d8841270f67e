import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import {
  TrackerEventEmitter,
  type TrackerConversionEvent,
  type TrackerHandlerContext,
  type TrackerPostbacksOptions,
} from 'nestjs-tracker-postbacks';
import { DeliveryStore } from '../libs/tracker-postbacks/src/events/delivery-store';
import { startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm, type Reply, request } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { type TestEngine } from './setup/engines';
import { sqlOn } from './setup/sql';

/** A delivery of a handler as it is stored. */
export interface StoredDelivery {
  readonly status: string;
  readonly attempts: number;
  readonly errors: readonly string[];
}

export interface RelayWorld {
  readonly engine: TestEngine;
  /** Takes postbacks and has no handlers. */
  readonly intake: TestApplication;
  readonly crm: Crm;
  /** One more process; its handlers are to have names that no other test uses. */
  start(options?: TrackerPostbacksOptions['events']): Promise<RelayProcess>;
  sql<R = Record<string, unknown>>(statement: string, ...parameters: readonly unknown[]): Promise<R[]>;
  /** Deliveries of a handler, in the order of recording. */
  deliveries(handler: string): Promise<readonly StoredDelivery[]>;
  /** Resolves once none of a handler's deliveries is pending. */
  settled(handler: string): Promise<readonly StoredDelivery[]>;
  /** An admin request to the process that takes postbacks, in the name of `x-actor`. */
  admin(method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Lets every lease run out. */
  expireLeases(): Promise<void>;
  stopProcesses(): Promise<void>;
  stop(): Promise<void>;
}

/** Gets conversions only, as these specs send nothing else. */
type Handler = (event: TrackerConversionEvent, context: TrackerHandlerContext) => unknown;

export interface RelayProcess extends TestApplication {
  handle(name: string, handler: Handler, targets?: readonly string[]): Promise<void>;
  /** From now on it neither reads nor writes deliveries, as if it had been killed; resolves when it has stopped to. */
  die(): Promise<void>;
  /** From now on it claims nothing, as a stopped process does; resolves when no claim is under way any more. */
  standStill(): Promise<void>;
}

/** Polls, with a little rest: SQLite answers within one turn of the event loop, and would starve what it waits for. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(2);
}

/** Answers with a way to wait for every call that this store has not answered yet. */
function watchCalls(store: DeliveryStore): () => Promise<void> {
  const open = new Set<Promise<unknown>>();
  const watched = <A extends unknown[], R>(call: (...parameters: A) => Promise<R>) => {
    return (...parameters: A): Promise<R> => {
      const answer = call(...parameters);
      open.add(answer);
      const end = (): boolean => open.delete(answer);
      answer.then(end, end);
      return answer;
    };
  };
  store.claim = watched(store.claim.bind(store));
  store.release = watched(store.release.bind(store));
  store.renew = watched(store.renew.bind(store));
  store.finish = watched(store.finish.bind(store));
  return async () => {
    await Promise.allSettled(open);
  };
}

const QUICK = { retryDelayMs: 1, pollIntervalMs: 20, maxAttempts: 3 };

export async function startRelayWorld(
  engine: TestEngine,
  options: Partial<TrackerPostbacksOptions> = {},
): Promise<RelayWorld> {
  const database: TestDatabase = await createTestDatabase(engine);
  const intake = await startApplication(database, { options });
  const crm = await createCrm(intake);
  const processes: TestApplication[] = [];
  const dataSource = intake.app.get(DataSource);
  const sql: RelayWorld['sql'] = (statement, ...parameters) => sqlOn(dataSource, statement, ...parameters);

  const deliveries: RelayWorld['deliveries'] = async (handler) => {
    const rows = await sql<{ status: string; attempts: string | number; errors: string | null }>(
      'SELECT status, attempts, errors FROM tracker_deliveries WHERE handler = $1 ORDER BY event_seq',
      handler,
    );
    return rows.map(({ status, attempts, errors }) => ({
      status,
      attempts: Number(attempts),
      errors: (JSON.parse(errors ?? '[]') as { message: string }[]).map(({ message }) => message),
    }));
  };

  return {
    engine,
    intake,
    crm,
    sql,
    deliveries,
    start: async (options = {}) => {
      const started = await startApplication(database, { options: { events: { ...QUICK, ...options } } });
      let closed: Promise<void> | undefined;
      const close = (): Promise<void> => (closed ??= started.close());
      processes.push({ ...started, close });
      const store = started.app.get(DeliveryStore);
      const answered = watchCalls(store);
      return {
        ...started,
        close,
        handle: (name, handler, targets = ['*']) =>
          started.app.get(TrackerEventEmitter).handle(targets, handler, {
            name,
          }),
        die: () => {
          const dead = (): Promise<never> => Promise.reject(new Error('This process is dead.'));
          Object.assign(store, { claim: dead, release: dead, renew: dead, finish: dead });
          return answered();
        },
        standStill: () => {
          store.claim = () =>
            Promise.resolve({ deliveries: [], heldBack: 0, next: new Map(), suspected: [] });
          return answered();
        },
      };
    },
    settled: async (handler) => {
      let rows = await deliveries(handler);
      await until(async () => {
        rows = await deliveries(handler);
        return rows.length > 0 && rows.every(({ status }) => status !== 'pending');
      });
      return rows;
    },
    admin: (method, path, headers = {}) =>
      request(`${intake.url}/api/tracker/${path}`, { method, headers: { ...headers } }),
    expireLeases: async () => {
      await sql('UPDATE tracker_deliveries SET lease_until = 1 WHERE lease_until IS NOT NULL');
    },
    stopProcesses: async () => {
      for (const process of processes.splice(0)) await process.close();
    },
    stop: async () => {
      await intake.close();
      await database.drop();
    },
  };
}
