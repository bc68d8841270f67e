import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedDatabase } from '../../apps/sample-crm/src/database/embedded.database';

export interface RunningDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL from the npm registry, in the temporary folder of the system, gone when it is stopped. */
export async function startEmbeddedDatabase(): Promise<RunningDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'tracker-tests-'));
  // As root the server runs as another user, who has to reach the folder.
  chmodSync(folder, 0o755);
  // What these tests prove does not hang on a power cut.
  const server = await openEmbeddedDatabase(folder, () => undefined, ['fsync=off', 'max_connections=200']);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
