import { ADAPTERS } from '../../durability/src/app/app.types';
import { badRequestsProof } from '../../durability/src/proofs/bad-requests.proof';
import { gracefulStopProof } from '../../durability/src/proofs/graceful-stop.proof';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

it(
  'bad requests are answered as documented and change nothing in the process',
  async () => {
    expect((await prove(badRequestsProof, { runs: 20_000 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);

it.each(ADAPTERS)(
  'graceful stops under load on %s drop no accepted request',
  async (adapter) => {
    expect((await prove(gracefulStopProof, { adapter, runs: 5 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);
