import { killProof } from '../../durability/src/proofs/kill.proof';
import { ENGINES } from '../setup/engines';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

describe.each(ENGINES)('kill -9 under load on %s', (engine) => {
  it(
    'loses nothing that was acknowledged, counts nothing twice and delivers everything',
    async () => {
      const { faults, figures } = await prove(killProof, { engine, runs: 10 });
      expect(faults).toEqual([]);
      expect(figures['conversions']).toBeGreaterThan(10);
    },
    PATIENCE_MS,
  );
});
