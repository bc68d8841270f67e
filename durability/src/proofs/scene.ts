import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AppAddress, type AppOrder, FAULTS, type Receipt, type Target } from '../app/app.types';
import { type ProofDatabase } from '../engines/proof.database';
import { openServer, type ProofServer, type ServerChoice } from '../engines/proof.server';
import { DEFAULT_MIX, type LoadOrder, type LoadReport } from '../load/load.types';
import { type Evidence, type Fault } from '../oracle/facts';
import { gatherEvidence, readTestimony } from '../oracle/facts.reader';
import { type Expectation, judgeEvidence, type Judgement } from '../oracle/oracle';
import { ChildHandle } from '../processes/child.handle';

const SETTLE_MS = 90_000;
const LOOK_EVERY_MS = 100;

/** A host application of the proof. */
export interface RunningApp {
  readonly child: ChildHandle;
  readonly origin: string;
}

/** What still has to happen before everything is said and done; all zero once it is. */
export interface Unsettled {
  /** Files of the journal that are not drained. */
  readonly journal: number;
  readonly deliveries: number;
  readonly deferred: number;
  readonly parked: number;
  readonly reversals: number;
}

const UNSETTLED: Readonly<Record<Exclude<keyof Unsettled, 'journal'>, string>> = {
  deliveries: `SELECT count(*) AS n FROM tracker_deliveries WHERE status = 'pending'`,
  deferred: `SELECT count(*) AS n FROM tracker_postbacks WHERE status = 'deferred'`,
  parked: `SELECT count(*) AS n FROM tracker_postbacks p
    WHERE p.status = 'unmatched' AND p.code = 'click_unknown'
      AND EXISTS (SELECT 1 FROM tracker_clicks c WHERE c.click_id = p.click_id)`,
  reversals: `SELECT count(*) AS n FROM tracker_postbacks p
    WHERE p.status = 'unmatched' AND p.code = 'nothing_to_reverse' AND p.tid IS NOT NULL
      AND EXISTS (SELECT 1 FROM tracker_conversions c WHERE c.click_seq = p.click_seq
        AND c.integration_id = p.integration_id AND c.tid = p.tid AND c.reversed_at IS NULL)`,
};

const open = new Set<Scene>();

/** For a proof that is broken off: nothing of it stays behind. */
export async function closeScenes(): Promise<void> {
  await Promise.allSettled([...open].map((scene) => scene.close()));
}

/** One proof's processes, database and records; gone when it is closed, unless something is to be looked at. */
export class Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'tracker-proof-'));
  readonly records = join(this.folder, 'records');
  readonly journal = join(this.folder, 'journal');
  /** What children found wrong with themselves, and how they ended when nobody had ended them. */
  readonly processFaults: Fault[] = [];
  private readonly children = new Set<ChildHandle>();
  private readonly loadFile = join(this.records, 'load.ndjson');
  private load: ChildHandle | undefined;
  private appCount = 0;

  private constructor(
    readonly server: ProofServer,
    readonly database: ProofDatabase,
  ) {
    mkdirSync(this.records);
    mkdirSync(this.journal, { mode: 0o700 });
  }

  static async open(choice: ServerChoice): Promise<Scene> {
    const server = await openServer(choice);
    try {
      const scene = new Scene(server, await server.createDatabase());
      open.add(scene);
      const migrator = ChildHandle.start('app/app.process');
      await migrator.ask('migrate', scene.database.address);
      await migrator.stop();
      return scene;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Starts a host; what is not given is a plain one. */
  async startApp(more: Partial<AppOrder> = {}): Promise<RunningApp> {
    const child = this.fork();
    const { origin } = await child.ask<AppAddress>('start', this.appOrder(more));
    return { child, origin };
  }

  /** A process that is ready to be told to start, and may be killed while it does. */
  fork(): ChildHandle {
    const child = ChildHandle.start('app/app.process');
    this.children.add(child);
    void child.ended.then(({ code }) => {
      this.children.delete(child);
      const fault = code === null ? undefined : FAULTS.get(code);
      if (fault !== undefined) {
        this.processFaults.push({ kind: 'wrong', text: `${fault}:\n${child.lastOutput.slice(-2_000)}` });
      }
    });
    return child;
  }

  appOrder(more: Partial<AppOrder> = {}): AppOrder {
    return {
      database: this.database.address,
      adapter: 'fastify',
      name: `app${++this.appCount}`,
      records: this.records,
      handlers: 'recording',
      journal: null,
      ...more,
    };
  }

  prepare(app: RunningApp, clicks: number): Promise<Target> {
    return app.child.ask<Target>('prepare', { clicks });
  }

  async beginLoad(
    order: Omit<LoadOrder, 'records' | 'mix' | 'patienceMs'> & Partial<Pick<LoadOrder, 'mix' | 'patienceMs'>>,
  ): Promise<void> {
    this.load ??= ChildHandle.start('load/load.process');
    await this.load.ask('begin', {
      mix: DEFAULT_MIX,
      patienceMs: 20_000,
      ...order,
      records: this.loadFile,
    } satisfies LoadOrder);
  }

  /** Stops the load, or waits for the end of one that was given a number. */
  finishLoad(how: 'stop' | 'end'): Promise<LoadReport> {
    return this.loader().ask<LoadReport>(how);
  }

  loadReport(): Promise<LoadReport> {
    return this.loader().ask<LoadReport>('report');
  }

  /** Makes every click known that the load invented so far: what waits for them is judged. */
  async registerForeign(app: RunningApp): Promise<void> {
    const known = new Set((await this.database.rows('SELECT click_id FROM tracker_clicks')).map(clickIdOf));
    const foreign = new Set(
      readTestimony(this.loadFile).sent.flatMap(({ clickId }) =>
        clickId === null || known.has(clickId) ? [] : [clickId],
      ),
    );
    await app.child.ask('register', [...foreign]);
  }

  /** Waits until nothing is pending; what is left is part of the judgement. */
  async settle(patienceMs = SETTLE_MS): Promise<Unsettled> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const left = await this.unsettled();
      if (Object.values(left).every((count) => count === 0) || performance.now() > deadline) return left;
      await wait(LOOK_EVERY_MS);
    }
  }

  async unsettled(): Promise<Unsettled> {
    const count = async (name: keyof typeof UNSETTLED): Promise<number> =>
      Number((await this.database.rows(UNSETTLED[name]))[0]?.['n']);
    return {
      // First: what is drained after this look shows in the tables.
      journal: readdirSync(this.journal).filter((name) => name.endsWith('.journal')).length,
      deliveries: await count('deliveries'),
      deferred: await count('deferred'),
      parked: await count('parked'),
      reversals: await count('reversals'),
    };
  }

  evidence(): Promise<Evidence> {
    return gatherEvidence(this.database, { folder: this.records, load: this.loadFile });
  }

  /**
   * The oracle's word, the processes' own faults and what did not settle.
   *
   * @param receipts of others than the handlers of this proof's processes
   */
  async judge({
    receipts = [],
    ...expectation
  }: Partial<Expectation> & { readonly receipts?: readonly Receipt[] } = {}): Promise<
    Judgement & { readonly evidence: Evidence }
  > {
    const own = await this.evidence();
    const evidence = { ...own, receipts: [...own.receipts, ...receipts] };
    const { faults, counts } = judgeEvidence(evidence, {
      everySent: false,
      exactlyOnce: false,
      ...expectation,
    });
    const open = Object.entries(await this.unsettled()).filter(([, count]) => count > 0);
    const unsettled: readonly Fault[] = open.map(([what, count]) => ({
      kind: 'undelivered',
      text: `${count} ${what} did not settle`,
    }));
    return { faults: [...this.processFaults, ...faults, ...unsettled], counts, evidence };
  }

  async stopApps(): Promise<void> {
    await Promise.all([...this.children].map((child) => child.stop()));
  }

  /** @param keep leaves the records, to be looked at */
  async close({ keep = false } = {}): Promise<void> {
    open.delete(this);
    await Promise.allSettled([...this.children].map((child) => child.kill()));
    await this.load?.stop();
    await this.database.drop();
    await this.server.stop();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  private loader(): ChildHandle {
    if (this.load === undefined) throw new Error('No load was begun.');
    return this.load;
  }
}

const clickIdOf = (row: Readonly<Record<string, unknown>>): string => String(row['click_id']);
