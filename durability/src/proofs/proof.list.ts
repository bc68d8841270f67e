import { badRequestsProof } from './bad-requests.proof';
import { brokersProof } from './brokers.proof';
import { crashPointsProof } from './crash-points.proof';
import { gracefulStopProof } from './graceful-stop.proof';
import { handlersProof } from './handlers.proof';
import { hostRollbackProof } from './host-rollback.proof';
import { instancesProof } from './instances.proof';
import { killProof } from './kill.proof';
import { blackHoleProof, databaseStoppedProof } from './outage.proof';
import { pausedWorkerProof } from './paused-worker.proof';
import { type Proof } from './proof.types';

export const PROOFS: readonly Proof[] = [
  killProof,
  crashPointsProof,
  databaseStoppedProof,
  blackHoleProof,
  instancesProof,
  pausedWorkerProof,
  handlersProof,
  hostRollbackProof,
  badRequestsProof,
  gracefulStopProof,
  brokersProof,
];
