import { handlersProof } from '../../durability/src/proofs/handlers.proof';
import { hostRollbackProof } from '../../durability/src/proofs/host-rollback.proof';
import { ENGINES } from '../setup/engines';
import { buildChildren, PATIENCE_MS, prove } from './proving';

beforeAll(buildChildren, PATIENCE_MS);

it(
  'handlers that throw, hang, reject late or end the process hold up nobody else',
  async () => {
    expect((await prove(handlersProof, { runs: 300 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);

it.each(ENGINES)(
  'host transactions that are rolled back take no postback with them on %s',
  async (engine) => {
    expect((await prove(hostRollbackProof, { engine, runs: 2 })).faults).toEqual([]);
  },
  PATIENCE_MS,
);
