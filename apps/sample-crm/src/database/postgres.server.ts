import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client } from 'pg';
import { type PostgresBinaries } from './postgres.binaries';
import { isServerOf, readPostmasterFile, removePostmasterFile } from './postmaster-file';
import { runAs, type SystemUser } from './system-user';

const ROLE = 'crm';
const START_ATTEMPTS = 6;

/** One PostgreSQL data directory and the server on it, whoever started that server. */
export class PostgresServer {
  constructor(
    private readonly cluster: string,
    private readonly password: string,
    private readonly binaries: PostgresBinaries,
    private readonly user: SystemUser,
    private readonly settings: readonly string[],
  ) {}

  url(port: number, database: string): string {
    return `postgres://${ROLE}:${this.password}@127.0.0.1:${port}/${database}`;
  }

  /** Makes the data directory unless it is there; appears complete or not at all. */
  async initialise(): Promise<void> {
    const home = dirname(this.cluster);
    if (existsSync(this.cluster)) return;
    for (const name of readdirSync(home).filter((entry) => entry.startsWith('initialising-'))) {
      rmSync(join(home, name), { recursive: true, force: true });
    }
    const partial = join(home, `initialising-${randomBytes(4).toString('hex')}`);
    const data = join(partial, 'data');
    const passwordFile = join(partial, 'password');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    writeFileSync(passwordFile, `${this.password}\n`, { mode: 0o600 });
    this.handOver(partial, data, passwordFile);
    const { code, output } = await runAs(this.user, partial, this.binaries.initdb, [
      `--pgdata=${data}`,
      `--username=${ROLE}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--no-locale',
    ]);
    if (code !== 0) throw new Error(`PostgreSQL could not make its data directory ${data}:\n${output}`);
    renameSync(data, this.cluster);
    rmSync(partial, { recursive: true, force: true });
  }

  /** The port of the server that runs on this data directory, left over from a killed start or not. */
  async running(): Promise<number | undefined> {
    for (let tries = 0; tries < 100; tries++) {
      const file = readPostmasterFile(this.cluster);
      if (file === undefined) return undefined;
      if (file.port !== undefined && (await this.answersOn(file.port))) return file.port;
      if (!(await isServerOf(this.cluster, file.pid))) {
        removePostmasterFile(this.cluster);
        return undefined;
      }
      await wait(200);
    }
    // Ours by its command line, and deaf: what it has committed is on disk.
    await this.control('stop', '-m', 'immediate', '-w', '-t', '20');
    return undefined;
  }

  /** @param preferred the port to try first @returns the port it listens on */
  async start(preferred?: number): Promise<number> {
    const log = join(this.cluster, 'server.log');
    let output = '';
    for (let attempt = 0; attempt < START_ATTEMPTS; attempt++) {
      if (attempt > 0) {
        // The workers of a killed server need a moment to notice, and somebody else may have taken the port.
        await wait(1000);
        const port = await this.running();
        if (port !== undefined) return port;
      }
      const port = attempt < START_ATTEMPTS / 2 && preferred !== undefined ? preferred : await freePort();
      const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...this.settings];
      const options = [`-p ${port}`, ...settings.map((setting) => `-c ${setting}`)].join(' ');
      // pg_ctl puts the server into a session of its own, out of reach of the terminal's Ctrl-C.
      const result = await this.control('start', '-w', '-t', '60', '-l', log, '-o', options);
      if (result.code === 0 && (await this.answersOn(port))) return port;
      output = result.output;
    }
    const tail = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-8).join('\n') : '';
    throw new Error(`The embedded PostgreSQL on ${this.cluster} did not start:\n${output}\n${tail}`);
  }

  async stop(): Promise<void> {
    await this.control('stop', '-m', 'fast', '-w', '-t', '60');
  }

  private control(
    action: 'start' | 'stop',
    ...args: readonly string[]
  ): Promise<{ code: number | null; output: string }> {
    return runAs(this.user, this.cluster, this.binaries.pgCtl, [action, '-s', '-D', this.cluster, ...args]);
  }

  /** Only a server that takes our password and works on our data directory is ours. */
  private async answersOn(port: number): Promise<boolean> {
    const client = new Client({
      connectionString: this.url(port, 'postgres'),
      connectionTimeoutMillis: 5000,
      query_timeout: 5000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      return rows.some(({ data_directory }) => realpathSync(data_directory) === realpathSync(this.cluster));
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private handOver(...paths: readonly string[]): void {
    if (this.user.uid === undefined || this.user.gid === undefined) return;
    for (const path of paths) chownSync(path, this.user.uid, this.user.gid);
  }
}

/** Kept beside the data; without it nobody on this machine gets in. */
export function databasePassword(folder: string): string {
  const file = join(folder, 'postgres.password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(18).toString('base64url');
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${password}\n`, { mode: 0o600 });
  chmodSync(partial, 0o600);
  renameSync(partial, file);
  return password;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('There is no free port.'));
        else resolve(address.port);
      });
    });
  });
}
