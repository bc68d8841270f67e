import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TrackerPostbacksOptions } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { scanFrames } from '../libs/tracker-postbacks/src/journal/journal-frame';
import { TcpProxy } from './edge/tcp-proxy';
import { type AdapterName, startApplication, type TestApplication } from './setup/application';
import { type Crm, createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';
import { type TestEngine } from './setup/engines';
import { Gate } from './setup/gate';

export interface JournalSceneSettings {
  readonly engine?: TestEngine;
  readonly adapter?: AdapterName;
  readonly options?: Partial<TrackerPostbacksOptions>;
  /** Bytes. */
  readonly maxBytes?: number;
}

/** An application whose database can be taken away, with a journal of its own. */
export class JournalScene {
  private readonly others: TestApplication[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly proxy: TcpProxy,
    /** Past the proxy. */
    readonly witness: DataSource,
    public directory: string,
    private readonly settings: JournalSceneSettings,
    private readonly garbage: string[],
    public application: TestApplication,
    public crm: Crm,
  ) {}

  static async start(settings: JournalSceneSettings = {}): Promise<JournalScene> {
    const database = await createTestDatabase(settings.engine);
    const proxy = await TcpProxy.start(new URL(database.url));
    const witness = await new DataSource(database.options).initialize();
    const directory = mkdtempSync(join(tmpdir(), 'tracker-journal-'));
    const application = await startThrough(database, proxy, directory, settings);
    return new JournalScene(
      database,
      proxy,
      witness,
      directory,
      settings,
      [directory],
      application,
      await createCrm(application),
    );
  }

  /** Another process on the same database, through the proxy too. */
  async another(settings: JournalSceneSettings = this.settings): Promise<TestApplication> {
    const application = await startThrough(this.database, this.proxy, this.directory, settings);
    this.others.push(application);
    return application;
  }

  async stop(): Promise<void> {
    this.proxy.restore();
    // Also those that a failed test left open; closing twice does nothing.
    await Promise.all([this.application, ...this.others].map((application) => application.close()));
    await this.witness.destroy();
    await this.proxy.stop();
    await this.database.drop();
    for (const directory of this.garbage) rmSync(directory, { recursive: true, force: true });
  }

  /** From now on the journal is looked for here. */
  moveTo(directory: string): void {
    this.garbage.push(directory);
    this.directory = directory;
  }

  /** The rows of everything that was sent with this text in it, in the order of arrival. */
  rows(like: string): Promise<readonly StoredRow[]> {
    return this.witness.query(
      `SELECT id, status, code, event, tid FROM tracker_postbacks WHERE target LIKE '%${like}%' ORDER BY id`,
    );
  }

  /** `sale#1`, `resale#1` … of a click, in the order they were recorded. */
  async conversions(clickId: string): Promise<readonly string[]> {
    const rows: readonly { event: string; ordinal: number; tid: string | null }[] = await this.witness.query(
      `SELECT event, ordinal, tid FROM tracker_conversions WHERE click_id = '${clickId}' ORDER BY ordinal, event`,
    );
    return rows.map(({ event, ordinal, tid }) => `${event}#${ordinal} ${tid ?? '-'}`);
  }

  files(): readonly string[] {
    return readdirSync(this.directory).filter((name) => !name.endsWith('.owner'));
  }

  /** Everything that lies in the directory. */
  bytes(): Buffer {
    return Buffer.concat(readdirSync(this.directory).map((name) => readFileSync(join(this.directory, name))));
  }

  /** The records that lie in the directory. */
  records(): readonly Record<string, unknown>[] {
    return this.files()
      .filter((name) => name.endsWith('.journal'))
      .sort()
      .flatMap((name) => scanFrames(readFileSync(join(this.directory, name))).payloads)
      .map((payload) => JSON.parse(payload.toString('utf8')) as Record<string, unknown>);
  }
}

export interface StoredRow {
  readonly id: string;
  readonly status: string;
  readonly code: string;
  readonly event: string | null;
  readonly tid: string | null;
}

async function startThrough(
  database: TestDatabase,
  proxy: TcpProxy,
  directory: string,
  { adapter, options, maxBytes }: JournalSceneSettings,
): Promise<TestApplication> {
  const url = proxy.urlOf(new URL(database.url));
  return startApplication(
    { ...database, options: { ...database.options, url } as TestDatabase['options'] },
    {
      ...(adapter === undefined ? {} : { adapter }),
      options: { ...options, journal: { directory, ...(maxBytes === undefined ? {} : { maxBytes }) } },
    },
  );
}

/** Until a condition holds, asked again and again; fails after the time given. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  milliseconds = 15_000,
): Promise<number> {
  const begun = performance.now();
  while (performance.now() - begun < milliseconds) {
    if (await holds()) return performance.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Not within ${milliseconds} ms: ${what}.`);
}

/** Holds every call of a method until it is released, and lets it through from then on. */
export function hold<T extends object>(target: T, method: keyof T & string): Gate {
  const gate = new Gate();
  const original = target[method] as (...values: unknown[]) => Promise<unknown>;
  const held = async (...values: unknown[]): Promise<unknown> => {
    await gate.pass();
    return original.apply(target, values);
  };
  Object.assign(target, { [method]: held });
  return gate;
}
