import { ChildHandle } from '../processes/child.handle';
import { createMysqlDatabase } from './mysql.database';
import { createPostgresDatabase } from './postgres.database';
import { type Engine, type ProofDatabase } from './proof.database';
import { createSqliteDatabase } from './sqlite.database';

const MYSQL = 'mysql://root@127.0.0.1:3306';

/** Where proofs get their databases from. */
export interface ProofServer {
  readonly engine: Engine;
  readonly description: string;
  createDatabase(): Promise<ProofDatabase>;
  /** Only of a server that the proof itself started. */
  readonly power: ServerPower | null;
  stop(): Promise<void>;
}

/** The switch of a database server. */
export interface ServerPower {
  /** Ends it at once, as a crash would. */
  crash(): Promise<void>;
  resume(): Promise<void>;
}

export interface ServerChoice {
  readonly engine: Engine;
  /** Start a server of our own even where the environment names one: it will be stopped. */
  readonly own?: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * PostgreSQL: that of `TEST_DATABASE_URL`, else an embedded one with fsync on. MySQL: that of `TEST_MYSQL_URL`, else the
 * one at its standard port. SQLite: files in the temporary folder.
 */
export async function openServer(choice: ServerChoice): Promise<ProofServer> {
  const environment = choice.environment ?? process.env;
  switch (choice.engine) {
    case 'postgres': {
      const named = environment['TEST_DATABASE_URL'] ?? environment['TRACKER_TEST_SERVER'];
      return named === undefined || choice.own === true
        ? ownPostgres()
        : {
            engine: 'postgres',
            description: 'a running PostgreSQL',
            createDatabase: () => createPostgresDatabase(named),
            power: null,
            stop: () => Promise.resolve(),
          };
    }
    case 'mysql': {
      const url = environment['TEST_MYSQL_URL'] ?? MYSQL;
      return {
        engine: 'mysql',
        description: `MySQL/MariaDB at ${new URL(url).host}`,
        createDatabase: () => createMysqlDatabase(url),
        power: null,
        stop: () => Promise.resolve(),
      };
    }
    case 'sqlite':
      return {
        engine: 'sqlite',
        description: 'SQLite files',
        createDatabase: () => Promise.resolve(createSqliteDatabase()),
        power: null,
        stop: () => Promise.resolve(),
      };
  }
}

async function ownPostgres(): Promise<ProofServer> {
  const process = ChildHandle.start('servers/postgres.process');
  try {
    const url = await process.ask<string>('start');
    return {
      engine: 'postgres',
      description: 'an embedded PostgreSQL, fsync on',
      createDatabase: () => createPostgresDatabase(url),
      power: {
        crash: () => process.ask('crash'),
        resume: () => process.ask('resume'),
      },
      stop: () => process.stop(60_000),
    };
  } catch (error) {
    await process.stop();
    throw error;
  }
}
