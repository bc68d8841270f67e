import { lockFile } from '../engines/sqlite.database';
import { type DatabaseAddress, type ProofDatabase } from '../engines/proof.database';
import { type ServerPower } from '../engines/proof.server';
import { TcpProxy } from '../network/tcp.proxy';

/** Takes the database away from an application, and gives it back. */
export interface DatabaseSwitch {
  /** By which the application reaches the database. */
  readonly address: DatabaseAddress;
  off(): Promise<void>;
  on(): Promise<void>;
  close(): Promise<void>;
}

/** Stops a server of our own, cuts one that is not off from the application, or locks SQLite's file. */
export async function databaseSwitch(
  database: ProofDatabase,
  power: ServerPower | null = null,
): Promise<DatabaseSwitch> {
  if (database.engine === 'sqlite') return sqliteSwitch(database.address);
  if (power !== null) {
    return {
      address: database.address,
      off: () => power.crash(),
      on: () => power.resume(),
      close: () => Promise.resolve(),
    };
  }
  const proxy = await TcpProxy.start(database.address);
  return {
    address: proxy.address,
    off: () => {
      proxy.cut();
      return Promise.resolve();
    },
    on: () => {
      proxy.restore();
      return Promise.resolve();
    },
    close: () => proxy.stop(),
  };
}

/** Somebody else writes and does not end: SQLite knows one writer. */
function sqliteSwitch(address: DatabaseAddress): DatabaseSwitch {
  let release = (): void => undefined;
  return {
    address,
    off: () => {
      release = lockFile(address.url);
      return Promise.resolve();
    },
    on: () => {
      release();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
