import { type INestApplication } from '@nestjs/common';
import Database from 'better-sqlite3';
import { type Engine } from '../engines/proof.database';
import { injected, wrap } from './injected';

/** Where a child kills itself, as kill -9 would. */
export const CRASH_POINTS = [
  'before insert',
  'inside the transaction',
  'after commit, before reply',
  'after claim, before handler',
  'after handler, before mark',
] as const;
/** Those that are passed while the database is away, or just after. */
export const JOURNAL_POINTS = [
  'in the journal, before reply',
  'in drain, before judging',
  'in drain, after commit',
  'in drain, before its file goes',
] as const;
export type JournalPoint = (typeof JOURNAL_POINTS)[number];
export type CrashPoint = (typeof CRASH_POINTS)[number] | JournalPoint;

/** Those that an engine has. A held commit is a matter of the proof; only SQLite commits within our own process. */
export function crashPointsOf(engine: Engine): readonly (typeof CRASH_POINTS)[number][] {
  return CRASH_POINTS.filter((point) => point !== 'inside the transaction' || engine === 'sqlite');
}

export interface CrashOrder {
  readonly point: CrashPoint;
  /** At the n-th time it gets there, from 1. */
  readonly at: number;
}

/** Arms one crash point: around a provider that Nest injects, never inside the library. */
export function armCrash(app: INestApplication, { point, at }: CrashOrder): void {
  let times = 0;
  const passed = (): void => {
    if (++times === at) process.kill(process.pid, 'SIGKILL');
  };
  const before = (provider: string, method: string): void => {
    wrap(injected(app, provider), method, (call) => {
      passed();
      return call();
    });
  };
  const after = (provider: string, method: string): void => {
    wrap(injected(app, provider), method, async (call) => {
      const result = await call();
      passed();
      return result;
    });
  };
  switch (point) {
    case 'before insert':
      before('PostbackStore', 'write');
      return;
    case 'inside the transaction':
      beforeSqliteCommits(passed);
      return;
    case 'after commit, before reply':
      after('PostbackStore', 'write');
      return;
    case 'after claim, before handler':
      wrap(injected(app, 'DeliveryStore'), 'claim', async (call) => {
        const claim = (await call()) as { readonly deliveries: readonly unknown[] };
        if (claim.deliveries.length > 0) passed();
        return claim;
      });
      return;
    case 'in the journal, before reply':
      after('Journal', 'append');
      return;
    case 'in drain, before judging':
      before('IntakeService', 'judgeJournaled');
      return;
    case 'in drain, after commit':
      after('IntakeService', 'judgeJournaled');
      return;
    case 'in drain, before its file goes':
      before('Journal', 'done');
      return;
    case 'after handler, before mark':
      before('DeliveryStore', 'finish');
      return;
  }
}

/** Gets between the driver and its file: rows are written, the commit is not. */
function beforeSqliteCommits(passed: () => void): void {
  const driver = Database.prototype as unknown as Record<'exec' | 'prepare', (sql: string) => unknown>;
  const { exec, prepare } = driver;
  driver.exec = function (this: unknown, sql) {
    if (/^\s*commit\b/i.test(sql)) passed();
    return exec.call(this, sql);
  };
  driver.prepare = function (this: unknown, sql) {
    const statement = prepare.call(this, sql) as { run: (...given: unknown[]) => unknown };
    if (/^\s*commit\b/i.test(sql)) {
      const { run } = statement;
      statement.run = (...given) => {
        passed();
        return run.apply(statement, given);
      };
    }
    return statement;
  };
}
