import { checkAnswers, checkRows } from './answers.check';
import { checkKeys, checkOrdinals, checkStory } from './conversions.check';
import { checkDeliveries, checkOrder, type DeliveryExpectation } from './deliveries.check';
import { type Evidence, type Fault, type FaultKind } from './facts';

export interface Expectation extends DeliveryExpectation {
  /** Not only what was answered: everything that was sent has to be there. */
  readonly everySent: boolean;
}

export interface Judgement {
  readonly faults: readonly Fault[];
  /** Faults by kind, none left out. */
  readonly counts: Readonly<Record<FaultKind, number>>;
}

/** Compares what senders were told, what is stored, and what handlers received. */
export function judgeEvidence(evidence: Evidence, expectation: Expectation): Judgement {
  const faults = [
    ...checkAnswers(evidence),
    ...checkRows(evidence, expectation.everySent),
    ...checkKeys(evidence),
    ...checkOrdinals(evidence),
    ...checkStory(evidence),
    ...checkDeliveries(evidence, expectation),
    ...checkOrder(evidence, expectation),
  ];
  const counts = { lost: 0, doubled: 0, wrong: 0, undelivered: 0, misordered: 0 };
  for (const { kind } of faults) counts[kind] += 1;
  return { faults, counts };
}
