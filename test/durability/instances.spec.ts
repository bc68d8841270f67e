import { instancesProof } from '../../durability/src/proofs/instances.proof';
import { pausedWorkerProof } from '../../durability/src/proofs/paused-worker.proof';
import { ENGINES } from '../setup/engines';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

describe.each(ENGINES)('four processes on %s', (engine) => {
  it(
    'count every key once and share the deliveries',
    async () => {
      expect((await prove(instancesProof, { engine, runs: 2_000 })).faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});

it(
  'a worker that was stopped past its lease has its writes refused',
  async () => {
    expect((await prove(pausedWorkerProof, { runs: 1 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);
