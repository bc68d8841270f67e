import { type EventKind, type EventPayload } from '../events/event-payload';
import { type PostbackOutcome, type ReadCase } from './postback-case';
import { type BatchWrite } from './postback-store.types';

/** One case decided, and the click whose unchanged history that decision needs. */
export interface PlannedCase {
  readonly read: ReadCase;
  readonly lane: string | null;
  readonly outcome: PostbackOutcome;
  readonly events: readonly PlannedEvent[];
}

export interface PlannedEvent {
  readonly id: string;
  readonly name: EventKind;
  readonly payload: EventPayload;
}

export interface BatchPlan {
  readonly cases: readonly PlannedCase[];
  /** Cases on which judging threw: our own error, which must not cost the others their verdict. */
  readonly failed: readonly { readonly read: ReadCase; readonly error: unknown }[];
  readonly write: BatchWrite;
}
