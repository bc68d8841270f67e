import { setTimeout as wait } from 'node:timers/promises';
import { type Target } from '../app/app.types';
import { isNormal } from '../load/load.run';
import { type AnswerRecord } from '../load/load.types';
import { type Fault } from '../oracle/facts';
import { type Figures } from './proof.types';
import { type RunningApp, type Scene } from './scene';

/** Before it, so that what is normal is seen too. */
const CALM_MS = 3_000;
/** Long enough to see when it is normal again, should it take longer than promised. */
const AFTERWARDS_MS = 10_000;
const ANSWER_WITHIN_MS = 5_000;
const NORMAL_WITHIN_MS = 5_000;

export interface Outage {
  readonly seconds: number;
  readonly rate: number;
  readonly seed: number;
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
}

export interface OutageTimes {
  readonly began: number;
  readonly ended: number;
}

/** Sends evenly through an outage and a while longer. */
export async function sendThrough(
  scene: Scene,
  app: RunningApp,
  target: Target,
  { seconds, rate, seed, begin, end }: Outage,
): Promise<OutageTimes> {
  await scene.beginLoad({
    ...target,
    origins: [app.origin],
    seed,
    connections: 2_000,
    rate,
    requests: null,
  });
  await wait(CALM_MS);
  const began = Date.now();
  await begin();
  await wait(seconds * 1000);
  await end();
  const ended = Date.now();
  await untilNormal(scene);
  await scene.finishLoad('stop');
  return { began, ended };
}

/** Until no answer has been out of the ordinary for a while, or for longer than was ever promised. */
async function untilNormal(scene: Scene): Promise<void> {
  let last = -1;
  for (const end = performance.now() + NORMAL_WITHIN_MS + AFTERWARDS_MS; performance.now() < end;) {
    const { abnormal } = await scene.loadReport();
    if (abnormal === last) return;
    last = abnormal;
    await wait(CALM_MS);
  }
}

export interface OutageFindings {
  readonly figures: Figures;
  readonly faults: readonly Fault[];
}

/** How senders fared: nobody waits too long, and soon after the end everything is as before. */
export function outageFindings(
  answers: readonly AnswerRecord[],
  { began, ended }: OutageTimes,
  { journal, grace }: { readonly journal: boolean; readonly grace: number },
): OutageFindings {
  const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));
  const without = answers.filter(({ http }) => http === null);
  const during = answers.filter(({ at }) => at > began && at <= ended);
  const abnormal = answers.filter((answer) => answer.at > ended && !isNormal(answer));
  const normalAfter = Math.max(0, ...abnormal.map(({ at }) => at - ended));
  const refused = answers.filter(({ http }) => (http ?? 0) >= 500);
  const faults: Fault[] = [];
  const broken = (text: string): void => {
    faults.push({ kind: 'wrong', text });
  };
  if (slowest > ANSWER_WITHIN_MS + grace) broken(`an answer took ${slowest} ms`);
  if (without.length > 0)
    broken(`${without.length} requests had no reply, e.g. ${String(without[0]?.error)}`);
  if (normalAfter > NORMAL_WITHIN_MS + grace)
    broken(`the last answer that was not normal came ${normalAfter} ms after`);
  if (during.every(isNormal)) broken('nobody noticed the outage: nothing was proved');
  if (journal && refused.length > 0)
    broken(`${refused.length} requests were refused although there is a journal`);
  return {
    figures: {
      'answers during it': during.length,
      'of them 200 deferred': during.filter(({ status }) => status === 'deferred').length,
      'of them 503': during.filter(({ http }) => http === 503).length,
      'slowest answer, ms': slowest,
      'without a reply': without.length,
      'normal again after, ms': normalAfter,
    },
    faults,
  };
}
