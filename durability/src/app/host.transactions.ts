import { setTimeout as wait } from 'node:timers/promises';
import { type INestApplication } from '@nestjs/common';
import { DataSource } from 'typeorm';

class ChangedItsMind extends Error {}

/**
 * Transactions of the host on its own DataSource, each held open for a while and rolled back. Answers how many were.
 */
export async function runHostTransactions(app: INestApplication, milliseconds: number): Promise<number> {
  const host = app.get(DataSource);
  await host.query('CREATE TABLE IF NOT EXISTS host_rows (note varchar(64))');
  let rolledBack = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    try {
      await host.transaction(async (manager) => {
        await manager.query(`INSERT INTO host_rows (note) VALUES ('never to be seen')`);
        await wait(5 + (rolledBack % 20));
        throw new ChangedItsMind();
      });
    } catch (error) {
      if (error instanceof ChangedItsMind) rolledBack += 1;
      // A lock that somebody else holds is the host's ordinary life on SQLite.
      else if (!/locked|busy/i.test(String(error))) throw error;
    }
    await wait(2);
  }
  return rolledBack;
}
