import { crashPointsProof } from '../../durability/src/proofs/crash-points.proof';
import { ENGINES } from '../setup/engines';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

describe.each(ENGINES)('kill -9 at every named point on %s', (engine) => {
  it(
    'loses nothing that was acknowledged, counts nothing twice and delivers everything',
    async () => {
      expect((await prove(crashPointsProof, { engine, runs: 1 })).faults).toEqual([]);
    },
    PATIENCE_MS,
  );
});
