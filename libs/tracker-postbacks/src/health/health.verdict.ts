import { type IntakeStatus } from '../postbacks/intake-state';
import { type HealthSurvey } from './health.survey';

/** Why something needs a look although postbacks are taken. */
export type TrackerHealthConcern =
  /** Postbacks go to the journal. */
  | 'database_away'
  /** Postbacks of the journal wait for their judgement. */
  | 'journal_backlog'
  /** The journal is full or its directory cannot be written: there is nothing to fall back on. */
  | 'journal_unwritable'
  /** The journal holds bytes that cannot be read, or records that cannot be judged. */
  | 'journal_damaged'
  /** Due events are not handled: no process runs their handler, or all are too slow. */
  | 'relay_late'
  /** Deliveries were given up after their last attempt; requeue them once the handler is mended. */
  | 'deliveries_parked'
  /** No process has registered a handler for a day: start it, or retire it. */
  | 'handlers_missing'
  /** Judging threw; the postbacks are kept and judged again. */
  | 'judging_failed';

/** What an indicator of `@nestjs/terminus` tells. */
export interface TrackerHealth {
  /** `down` only when a postback could not be stored: then another instance has to take them. */
  readonly status: 'up' | 'down';
  /** Empty when all is well. */
  readonly concerns: readonly TrackerHealthConcern[];
  readonly database: 'up' | 'away';
  /** Postbacks that wait to be written. */
  readonly queued: number;
  /** Null where none is configured. */
  readonly journal: {
    readonly writable: boolean;
    readonly records: number;
    readonly bytes: number;
    /** Seconds since the oldest of them arrived. */
    readonly oldestSeconds: number | null;
  } | null;
  /** Null when the database could not be asked. */
  readonly relay: {
    /** Seconds for which the oldest due delivery has been waiting. */
    readonly lagSeconds: number;
    readonly parked: number;
    readonly missingHandlers: readonly string[];
  } | null;
  readonly judgingFailed: number | null;
}

/**
 * What is seen becomes what is told. The instance is taken out of rotation only when it cannot store postbacks: late
 * handlers or parked deliveries are the same on every instance, and nothing would be mended by sending networks away.
 */
export function healthOf(
  intake: IntakeStatus,
  survey: HealthSurvey | null,
  { maxLagMs, now }: { readonly maxLagMs: number; readonly now: number },
): TrackerHealth {
  const { journal, queued } = intake;
  const held: readonly (TrackerHealthConcern | false)[] = [
    survey === null && 'database_away',
    journal !== null && journal.records > 0 && 'journal_backlog',
    journal !== null && !journal.isWritable && 'journal_unwritable',
    journal !== null && journal.damagedFiles + journal.stuck > 0 && 'journal_damaged',
    survey !== null && survey.relayLagMs > maxLagMs && 'relay_late',
    survey !== null && survey.parkedDeliveries > 0 && 'deliveries_parked',
    survey !== null && survey.missingHandlers.length > 0 && 'handlers_missing',
    survey !== null && survey.judgingFailed > 0 && 'judging_failed',
  ];
  return {
    status: survey !== null || journal?.isWritable === true ? 'up' : 'down',
    concerns: held.filter((concern) => concern !== false),
    database: survey === null ? 'away' : 'up',
    queued,
    journal:
      journal === null
        ? null
        : {
            writable: journal.isWritable,
            records: journal.records,
            bytes: journal.bytes,
            oldestSeconds:
              journal.oldestReceivedAt === null ? null : seconds(Math.max(0, now - journal.oldestReceivedAt)),
          },
    relay:
      survey === null
        ? null
        : {
            lagSeconds: seconds(survey.relayLagMs),
            parked: survey.parkedDeliveries,
            missingHandlers: survey.missingHandlers,
          },
    judgingFailed: survey?.judgingFailed ?? null,
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}
