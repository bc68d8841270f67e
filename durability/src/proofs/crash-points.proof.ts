import { setTimeout as wait } from 'node:timers/promises';
import { type Target } from '../app/app.types';
import { type CrashPoint, crashPointsOf, JOURNAL_POINTS, type JournalPoint } from '../app/crash.points';
import { ENGINES } from '../engines/proof.database';
import { Random } from '../load/random';
import { type Fault } from '../oracle/facts';
import { databaseSwitch, type DatabaseSwitch } from './database.switch';
import { judgedFigures } from './judged.figures';
import { type Figures, type Proof, type ProofPlan, type ProofResult } from './proof.types';
import { type RunningApp, Scene } from './scene';

const CLICKS = 20;
const PATIENCE_MS = 30_000;
/** The n-th passing of a point at which it dies is drawn from these first ones. */
const FIRST_PASSINGS = 6;
const AWAY_MS = 400;
const HELD = 'before commit';

/** Dies at every named point, so many times each. */
export const crashPointsProof: Proof = {
  name: 'crash-points',
  title: 'kill -9 at named points',
  engines: ENGINES,
  unit: 'crashes at each point',
  defaultRuns: 20,
  run,
};

async function run(plan: ProofPlan): Promise<ProofResult> {
  const scene = await Scene.open({ engine: plan.engine });
  const power = await databaseSwitch(scene.database);
  try {
    return await new Crashes(scene, power, plan).run();
  } finally {
    await scene.close();
    await power.close();
  }
}

class Crashes {
  private readonly random: Random;
  private readonly faults: Fault[] = [];
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly scene: Scene,
    private readonly power: DatabaseSwitch,
    private readonly plan: ProofPlan,
  ) {
    this.random = new Random(plan.seed);
  }

  async run(): Promise<ProofResult> {
    const { scene } = this;
    const { engine, runs } = this.plan;
    const first = await this.startApp();
    const target = await scene.prepare(first, CLICKS);
    await first.child.stop();

    for (const point of crashPointsOf(engine)) {
      await this.times(runs, point, () => this.underLoad(point, target));
    }
    if (engine !== 'sqlite') {
      await this.times(runs, HELD, (crash) => this.whileHeld(target, crash % 2 === 0));
    }
    for (const point of JOURNAL_POINTS) {
      await this.times(runs, point, () => this.whileAway(point, target));
    }

    const last = await this.startApp();
    await scene.registerForeign(last);
    await scene.settle();
    const judgement = await scene.judge();
    const figures: Figures = Object.fromEntries(
      [...this.counts].map(([point, count]) => [`crashes ${point}`, count]),
    );
    return {
      figures: { ...figures, ...judgedFigures(judgement) },
      faults: [...this.faults, ...judgement.faults],
    };
  }

  private async times(runs: number, point: string, crash: (number: number) => Promise<void>): Promise<void> {
    this.plan.say(point);
    for (let number = 0; number < runs; number++) {
      await crash(number);
      this.counts.set(point, (this.counts.get(point) ?? 0) + 1);
    }
  }

  private async underLoad(point: CrashPoint, target: Target): Promise<void> {
    const app = await this.startApp({ point, at: 1 + this.random.below(FIRST_PASSINGS) });
    await this.beginLoad(app, target);
    await this.awaitEnd(app, point);
    await this.scene.finishLoad('stop');
  }

  /**
   * Kills while a transaction has written its rows and not committed them. Half of the time its session dies with it;
   * the other half the server goes on and commits what nobody was told of.
   */
  private async whileHeld(target: Target, cut: boolean): Promise<void> {
    const app = await this.startApp();
    const held = await this.scene.database.holdCommits();
    try {
      await this.beginLoad(app, target);
      while ((await held.waiting()) === 0) await wait(10);
      await app.child.kill();
      if (cut) await held.cut();
    } finally {
      await held.release();
    }
    await this.scene.finishLoad('stop');
  }

  /** The database goes, postbacks go to the journal, and it dies there or when the database is back. */
  private async whileAway(point: JournalPoint, target: Target): Promise<void> {
    const isDrain = point !== 'in the journal, before reply';
    const at = isDrain ? 1 : 1 + this.random.below(FIRST_PASSINGS);
    const app = await this.startApp({ point, at });
    await this.power.off();
    try {
      await this.beginLoad(app, target);
      if (isDrain) await wait(AWAY_MS);
      else await this.awaitEnd(app, point);
      await this.scene.finishLoad('stop');
    } finally {
      await this.power.on();
    }
    if (isDrain) await this.awaitEnd(app, point);
  }

  private startApp(crash?: { readonly point: CrashPoint; readonly at: number }): Promise<RunningApp> {
    return this.scene.startApp({
      adapter: this.plan.adapter,
      database: this.power.address,
      journal: this.scene.journal,
      ...(crash === undefined ? {} : { crash }),
    });
  }

  private beginLoad(app: RunningApp, target: Target): Promise<void> {
    return this.scene.beginLoad({
      ...target,
      origins: [app.origin],
      seed: this.plan.seed,
      connections: 8,
      rate: null,
      requests: null,
    });
  }

  private async awaitEnd({ child }: RunningApp, point: string): Promise<void> {
    const ended = child.ended.then(() => true);
    if (await Promise.race([ended, wait(PATIENCE_MS, false, { ref: false })])) return;
    this.faults.push({ kind: 'wrong', text: `"${point}" was not reached within ${PATIENCE_MS / 1000} s` });
    await child.kill();
  }
}
