import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type ProofDatabase } from './proof.database';

/** A file of its own in the system's temporary folder. */
export function createSqliteDatabase(): ProofDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'tracker-reliability-'));
  const file = join(folder, 'tracker.sqlite');
  let reader: Database.Database | undefined;
  return {
    engine: 'sqlite',
    address: { engine: 'sqlite', url: file },
    rows: (sql, parameters = []) => {
      reader ??= new Database(file, { timeout: 10_000 });
      return Promise.resolve(reader.prepare(sql).all(...parameters) as Record<string, unknown>[]);
    },
    holdCommits: () => Promise.reject(new Error('SQLite cannot hold a commit from outside.')),
    drop: () => {
      reader?.close();
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** SQLite knows one lock, that of the file: while we hold it nobody writes. Answers what lets it go. */
export function lockFile(file: string): () => void {
  const holder = new Database(file, { timeout: 10_000 });
  holder.exec('BEGIN IMMEDIATE');
  return () => {
    holder.exec('ROLLBACK');
    holder.close();
  };
}
