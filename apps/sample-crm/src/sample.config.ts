import { createHash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';

/** Everything the sample is told from outside. */
export interface SampleConfig {
  /** @default 3000 */
  readonly port: number;
  /** A PostgreSQL of yours. @default an embedded one on the data in `dataFolder` */
  readonly databaseUrl: string | undefined;
  /** The bearer token of every route but the public ones. @default a random one for each start, printed */
  readonly adminToken: string;
  /** Where networks reach this application, without the prefix. @default http://127.0.0.1:<port> */
  readonly publicUrl: string;
  /** @default 'fastify' */
  readonly httpAdapter: 'fastify' | 'express';
  /** @default .data in the workspace */
  readonly dataFolder: string;
}

/** Injection token of the {@link SampleConfig}. */
export const SAMPLE_CONFIG = Symbol('SAMPLE_CONFIG');

/** Where the workspace begins, from the sources and from the build alike. */
export const WORKSPACE = resolve(__dirname, '../../..');

/** @throws Error naming the variable that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv): SampleConfig {
  const port = readPort(env['PORT'] || '3000');
  return {
    port,
    databaseUrl: readDatabaseUrl(env['DATABASE_URL'] || undefined),
    adminToken: env['ADMIN_TOKEN'] || randomBytes(18).toString('base64url'),
    publicUrl: readUrl(env['PUBLIC_URL'] || `http://127.0.0.1:${port}`),
    httpAdapter: readAdapter(env['HTTP_ADAPTER'] || 'fastify'),
    dataFolder: readDataFolder(env),
  };
}

/** Where postbacks wait while the database is away: what waits for one database must not come into another. */
export function journalFolder({ dataFolder, databaseUrl }: SampleConfig): string {
  const name =
    databaseUrl === undefined ? 'embedded' : createHash('sha256').update(databaseUrl).digest('hex');
  return resolve(dataFolder, 'journal', name.slice(0, 16));
}

export function readDataFolder(env: NodeJS.ProcessEnv): string {
  return resolve(WORKSPACE, env['DATA_DIR'] || '.data');
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Error(`PORT is "${text}"; it has to be a number from 1 to 65535.`);
}

function readDatabaseUrl(text: string | undefined): string | undefined {
  if (text === undefined || /^postgres(ql)?:\/\//i.test(text)) return text;
  // Not the whole of it: there may be a password inside.
  const [scheme = ''] = text.split(':');
  throw new Error(
    `DATABASE_URL begins with "${scheme}:"; it has to begin with postgresql://. The library works on other databases too, ` +
      "the sample's own tables are made for PostgreSQL.",
  );
}

function readUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text.replace(/\/+$/, '');
  throw new Error(`PUBLIC_URL is "${text}"; it has to look like https://crm.example.com.`);
}

function readAdapter(text: string): 'fastify' | 'express' {
  if (text === 'fastify' || text === 'express') return text;
  throw new Error(`HTTP_ADAPTER is "${text}"; it has to be fastify or express.`);
}
