import { type IntakeStatus } from '../postbacks/intake-state';
import { type HealthSurvey } from './health.survey';
import { healthOf, type TrackerHealthConcern } from './health.verdict';

const NOW = 1_000_000;
const CALM: HealthSurvey = { relayLagMs: 0, parkedDeliveries: 0, missingHandlers: [], judgingFailed: 0 };
const JOURNAL: NonNullable<IntakeStatus['journal']> = {
  directory: '/var/lib/crm',
  isWritable: true,
  records: 0,
  bytes: 0,
  maxBytes: 1024,
  oldestReceivedAt: null,
  stuck: 0,
  damagedFiles: 0,
  lastError: null,
};

type Journal = Partial<typeof JOURNAL> | null;

function look(
  journal: Journal,
  survey: Partial<HealthSurvey> | null,
): { readonly status: string; readonly concerns: readonly TrackerHealthConcern[] } {
  const intake: IntakeStatus = {
    queued: 3,
    database: { isAway: survey === null, since: null },
    journal: journal === null ? null : { ...JOURNAL, ...journal },
  };
  const { status, concerns } = healthOf(intake, survey === null ? null : { ...CALM, ...survey }, {
    maxLagMs: 60_000,
    now: NOW,
  });
  return { status, concerns };
}

describe('what health tells', () => {
  it.each<[string, Journal, Partial<HealthSurvey> | null, string, readonly TrackerHealthConcern[]]>([
    ['all is well', {}, {}, 'up', []],
    ['all is well without a journal', null, {}, 'up', []],
    ['database away, journal ready', {}, null, 'up', ['database_away']],
    ['database away, journal in use', { records: 2 }, null, 'up', ['database_away', 'journal_backlog']],
    ['database away, no journal', null, null, 'down', ['database_away']],
    [
      'database away, journal full',
      { isWritable: false, records: 9 },
      null,
      'down',
      ['database_away', 'journal_backlog', 'journal_unwritable'],
    ],
    ['journal unwritable, database there', { isWritable: false }, {}, 'up', ['journal_unwritable']],
    ['a file of the journal is damaged', { damagedFiles: 1 }, {}, 'up', ['journal_damaged']],
    [
      'records of the journal are stuck',
      { records: 1, stuck: 1 },
      {},
      'up',
      ['journal_backlog', 'journal_damaged'],
    ],
    ['events are a minute late', {}, { relayLagMs: 60_000 }, 'up', []],
    ['events are later', {}, { relayLagMs: 60_001 }, 'up', ['relay_late']],
    ['deliveries are parked', {}, { parkedDeliveries: 1 }, 'up', ['deliveries_parked']],
    ['a handler is missing', {}, { missingHandlers: ['Old.handler'] }, 'up', ['handlers_missing']],
    ['judging threw', {}, { judgingFailed: 1 }, 'up', ['judging_failed']],
  ])('%s', (_, journal, survey, status, concerns) => {
    expect(look(journal, survey)).toEqual({ status, concerns });
  });

  it('tells numbers and names, and nothing of the machine', () => {
    const intake: IntakeStatus = {
      queued: 3,
      database: { isAway: false, since: null },
      journal: {
        ...JOURNAL,
        records: 2,
        bytes: 300,
        oldestReceivedAt: NOW - 12_340,
        lastError: 'EACCES /var',
      },
    };
    const survey = {
      relayLagMs: 2_460,
      parkedDeliveries: 4,
      missingHandlers: ['Old.handler'],
      judgingFailed: 5,
    };
    expect(healthOf(intake, survey, { maxLagMs: 60_000, now: NOW })).toEqual({
      status: 'up',
      concerns: ['journal_backlog', 'deliveries_parked', 'handlers_missing', 'judging_failed'],
      database: 'up',
      queued: 3,
      journal: { writable: true, records: 2, bytes: 300, oldestSeconds: 12.3 },
      relay: { lagSeconds: 2.5, parked: 4, missingHandlers: ['Old.handler'] },
      judgingFailed: 5,
    });
    expect(healthOf({ ...intake, journal: null }, null, { maxLagMs: 1, now: NOW })).toMatchObject({
      database: 'away',
      journal: null,
      relay: null,
      judgingFailed: null,
    });
  });
});
