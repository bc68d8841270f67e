import { type AdapterName } from '../app/app.types';
import { type Engine } from '../engines/proof.database';
import { type Fault } from '../oracle/facts';

/** How a proof is to be run. */
export interface ProofPlan {
  readonly engine: Engine;
  readonly adapter: AdapterName;
  /** Kills, rounds, requests, stops: what the proof counts. */
  readonly runs: number;
  /** Repeats what is random. */
  readonly seed: number;
  /** Milliseconds granted on top of every limit: on a machine that does other things at the same time. */
  readonly grace: number;
  readonly say: (line: string) => void;
}

/** What a proof found, for its table: a name and a value that is readable as it is. */
export type Figures = Readonly<Record<string, string | number>>;

export interface ProofResult {
  readonly figures: Figures;
  /** Empty when the promise held. */
  readonly faults: readonly Fault[];
}

export interface Proof {
  readonly name: string;
  /** What is promised. */
  readonly title: string;
  readonly engines: readonly Engine[];
  /** What `--runs` counts. */
  readonly unit: string;
  readonly defaultRuns: number;
  run(plan: ProofPlan): Promise<ProofResult>;
}

/** A proof that cannot be run here, with the reason: never a silent pass. */
export class NotRunHereError extends Error {
  override readonly name = 'NotRunHereError';
}
