import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { lock } from 'proper-lockfile';
import { type Proof, type ProofPlan, type ProofResult } from '../../durability/src/proofs/proof.types';

const ROOT = resolve(__dirname, '../..');

/** Proofs kill real processes: those run what is compiled. Spec files start side by side; one of them builds. */
export async function buildChildren(): Promise<void> {
  const release = await lock(join(ROOT, 'durability'), {
    stale: 120_000,
    retries: { retries: 600, minTimeout: 200, maxTimeout: 500 },
  });
  try {
    const tsc = require.resolve('typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [tsc, '-b', 'durability'], { cwd: ROOT });
  } catch (error) {
    throw new Error(
      `The processes of the proofs could not be built: ${String((error as { stdout?: unknown }).stdout)}`,
      {
        cause: error,
      },
    );
  } finally {
    await release();
  }
}

/** A short run of what `npm run reliability` runs at length. */
export function prove(proof: Proof, plan: Partial<ProofPlan>): Promise<ProofResult> {
  return proof.run({
    engine: 'postgres',
    adapter: 'fastify',
    runs: proof.defaultRuns,
    seed: 1,
    // The limits themselves are measured by `npm run reliability`, on a machine that does nothing else.
    grace: 15_000,
    say: () => undefined,
    ...plan,
  });
}

/** Minutes, for machines that have other things to do. */
export const PATIENCE_MS = 300_000;
