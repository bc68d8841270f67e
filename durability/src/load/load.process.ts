import { answerQuestions } from '../processes/child.questions';
import { runBadRequests } from './bad.run';
import { LoadRun } from './load.run';
import { Random } from './random';
import { Traffic } from './traffic';
import { type LoadOrder, type LoadReport } from './load.types';

let run: LoadRun | undefined;
/** By integration: a stretch of load repeats what an earlier one sent, also before a kill. */
const traffics = new Map<string, Traffic>();

async function begin(order: LoadOrder): Promise<void> {
  run = await LoadRun.begin(order, trafficOf(order));
}

function trafficOf({ integrationId, seed, clickIds, mix }: LoadOrder): Traffic {
  let traffic = traffics.get(integrationId);
  if (traffic === undefined) {
    traffic = new Traffic(new Random(seed), clickIds, mix, `s${seed}`);
    traffics.set(integrationId, traffic);
  }
  return traffic;
}

async function stop(): Promise<LoadReport> {
  return current().stop();
}

async function end(): Promise<LoadReport> {
  return current().end();
}

function report(): LoadReport {
  return current().report();
}

function current(): LoadRun {
  if (run === undefined) throw new Error('No load was begun.');
  return run;
}

/** The load generator: a process of its own that outlives every kill and remembers what it was told. */
answerQuestions({ begin, stop, end, report, bad: runBadRequests });
