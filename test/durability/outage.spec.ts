import { blackHoleProof, databaseStoppedProof } from '../../durability/src/proofs/outage.proof';
import { ENGINES } from '../setup/engines';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

describe.each(ENGINES)('the database is away for a while on %s', (engine) => {
  it(
    // A writer of SQLite waits 4 s for the file before it is away.
    'keeps everything that was sent in the journal and is soon normal again',
    async () => {
      expect(
        (await prove(databaseStoppedProof, { engine, runs: engine === 'sqlite' ? 7 : 3 })).faults,
      ).toEqual([]);
    },
    PATIENCE_MS,
  );
});

it(
  'no request hangs while the network to the database swallows everything, and no restart is needed',
  async () => {
    expect((await prove(blackHoleProof, { runs: 5 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);
