import { setTimeout as wait } from 'node:timers/promises';
import { type AdapterName, type AppAddress, type AppKind, type AppOrder } from './app.types';
import { type BenchDatabase, type BenchServer, numberOf } from './bench.server';
import { ChildHandle } from './child.handle';
import { type FullLoadOrder, type LoadResult, type PacedLoadOrder } from './load.types';
import { type ContestantSql, contestantSql } from './contestant.sql';
import { type Numbering } from './postback.address';

/** What one measurement of one contestant came to. */
export interface Measurement extends LoadResult {
  /** Processor time of the server's process for one reply. */
  readonly cpuMicroseconds: number;
}

/** A run whose figures mean nothing, because not every reply was what it claimed. */
export class InvalidRunError extends Error {
  override readonly name = 'InvalidRunError';
}

export interface ContestantSettings {
  readonly kind: AppKind;
  readonly adapter: AdapterName;
  readonly clicks: number;
  /** Folder for a CPU profile of the server. */
  readonly profile: string | undefined;
}

/** One server under test, in a process of its own, on a database of its own. */
export class Contestant {
  private next = 0;

  private constructor(
    readonly kind: AppKind,
    readonly adapter: AdapterName,
    private readonly clicks: number,
    private readonly process: ChildHandle,
    private readonly address: AppAddress,
    readonly database: BenchDatabase,
    private readonly load: ChildHandle,
  ) {}

  static async start(
    { kind, adapter, clicks, profile }: ContestantSettings,
    server: BenchServer,
    load: ChildHandle,
  ): Promise<Contestant> {
    const database = await server.createDatabase(`${kind}_${adapter}`);
    const execArgv = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const process = ChildHandle.start('app.process', { execArgv });
    try {
      const order: AppOrder = { kind, adapter, database: database.options };
      const address = await process.ask<AppAddress>('start', order);
      const sql = contestantSql(kind, database.engine);
      if (sql !== undefined) {
        for (const statement of [sql.clicks(clicks), ...sql.settle]) await database.rows(statement);
      }
      return new Contestant(kind, adapter, clicks, process, address, database, load);
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  get name(): string {
    return `${this.kind}/${this.adapter}`;
  }

  /** @throws InvalidRunError */
  runFull(connections: number, seconds: number): Promise<Measurement> {
    return this.measured((order) => {
      const full: FullLoadOrder = { ...order, seconds, connections };
      return this.load.ask<LoadResult>('full', full);
    });
  }

  /** @throws InvalidRunError */
  runPaced(rate: number, seconds: number): Promise<Measurement> {
    return this.measured((order) => {
      const paced: PacedLoadOrder = { ...order, seconds, rate };
      return this.load.ask<LoadResult>('paced', paced);
    });
  }

  ask<R>(question: string): Promise<R> {
    return this.process.ask<R>(question);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  private async measured(
    run: (order: {
      origin: string;
      path: string;
      numbering: Numbering | null;
      expected: string;
    }) => Promise<LoadResult>,
  ): Promise<Measurement> {
    const sql = contestantSql(this.kind, this.database.engine);
    const cpuBefore = await this.process.ask<number>('cpu');
    const result = await run({
      ...this.address,
      numbering: sql === undefined ? null : { first: this.next, clicks: this.clicks },
      expected: sql === undefined ? 'ok' : '"status":"accepted"',
    });
    const cpu = (await this.process.ask<number>('cpu')) - cpuBefore;
    const stored = sql === undefined ? null : await this.storedOf(sql, result);
    this.next += result.sent;
    this.check(result, stored);
    return { ...result, cpuMicroseconds: (cpu * 1000) / result.good };
  }

  /** Conversions stored of the run's answered requests: as many as those, or something was lost or counted twice. */
  private async storedOf(sql: ContestantSql, { sent, unanswered }: LoadResult): Promise<number> {
    // What was under way when the time was over is still being written.
    await wait(300);
    return numberOf(this.database, sql.stored(this.next, this.next + sent, unanswered));
  }

  private check(result: LoadResult, stored: number | null): void {
    const { statuses, errors, unexpected, firstUnexpected, good } = result;
    const other = Object.entries(statuses).filter(([status]) => status !== '200');
    const faults = [
      ...other.map(([status, count]) => `${count} replies with status ${status}`),
      ...(errors > 0 ? [`${errors} requests without a reply`] : []),
      ...(unexpected > 0
        ? [`${unexpected} replies that are not as they should be, e.g. ${String(firstUnexpected)}`]
        : []),
      ...(good === 0 ? ['no good reply at all'] : []),
      ...(stored !== null && stored !== good
        ? [`${good} replies said "accepted", ${stored} conversions are stored of them`]
        : []),
    ];
    if (faults.length === 0) return;
    throw new InvalidRunError(`${this.name}: ${faults.join('; ')}.\n${this.process.lastOutput}`);
  }
}
