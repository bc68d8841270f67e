import { type DataSource } from 'typeorm';
import { type TrackerDatabase } from '../database/tracker-database';
import { NetworkRegistry } from '../networks/network-registry';
import { oneWinPreset } from '../networks/presets/1win.preset';
import { draftSettings } from './integration-draft';
import { ARCHIVE_MS, IntegrationDirectory } from './integration-directory';
import { TrackerIntegration } from './integration.entity';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

/** A database of integrations whose reads can be held back. */
class Rows {
  readonly reads: string[][] = [];
  readonly revisions = new Map<string, number>();
  archivedAt: Date | null = null;
  gate: Promise<void> = Promise.resolve();
  fails = false;

  private readonly source = {
    getRepository: (entity: unknown) =>
      entity === TrackerIntegration
        ? { findBy: ({ id }: { id: { value: string[] } }) => this.read(id.value) }
        : { find: () => Promise.resolve([]) },
  } as unknown as DataSource;

  readonly database = {
    read: <T>(work: (source: DataSource) => Promise<T>): Promise<T> => work(this.source),
  } as unknown as TrackerDatabase;

  private async read(ids: string[]): Promise<TrackerIntegration[]> {
    this.reads.push(ids);
    const found = ids.flatMap((id) => this.row(id));
    await this.gate;
    if (this.fails) throw new Error('database away');
    return found;
  }

  private row(id: string): TrackerIntegration[] {
    const revision = this.revisions.get(id);
    if (revision === undefined) return [];
    const settings = draftSettings({}, oneWinPreset);
    const rest = { network: '1win', secretHash: null, deletedAt: this.archivedAt };
    return [Object.assign(new TrackerIntegration(), settings, { id, revision, ...rest })];
  }
}

function setUp(now = () => 0): { readonly rows: Rows; readonly directory: IntegrationDirectory } {
  const rows = new Rows();
  rows.revisions.set(A, 1).set(B, 1);
  return { rows, directory: new IntegrationDirectory(rows.database, new NetworkRegistry(), { now }) };
}

function hold(rows: Rows): () => void {
  let release: () => void = () => undefined;
  rows.gate = new Promise((resolve) => (release = resolve));
  return release;
}

describe('integration directory', () => {
  test('loads what is missing in one read and keeps it', async () => {
    const { rows, directory } = setUp();
    expect([...(await directory.get([A, B, A])).keys()]).toEqual([A, B]);
    await directory.get([A, B]);
    expect(rows.reads).toEqual([[A, B]]);
    expect(directory.cached(A)?.revision).toBe(1);
  });

  test('unknown ids are absent and asked for again; what is no UUID never reaches the database', async () => {
    const { rows, directory } = setUp();
    rows.revisions.delete(B);
    expect((await directory.get([B, "x' OR 1=1"])).size).toBe(0);
    rows.revisions.set(B, 1);
    expect((await directory.get([B])).size).toBe(1);
    expect(rows.reads).toEqual([[B], [B]]);
  });

  test('two callers share one load', async () => {
    const { rows, directory } = setUp();
    await Promise.all([directory.get([A]), directory.get([A])]);
    expect(rows.reads).toHaveLength(1);
  });

  test('a load that began before a change is neither kept nor given to later callers', async () => {
    const { rows, directory } = setUp();
    const release = hold(rows);
    const before = directory.get([A]);
    rows.revisions.set(A, 2);
    directory.forget(A);
    const after = directory.get([A]);
    release();
    expect((await before).get(A)?.revision).toBe(1);
    expect((await after).get(A)?.revision).toBe(2);
    expect(directory.cached(A)?.revision).toBe(2);
  });

  test('refresh drops what differs and leaves the rest', async () => {
    const { rows, directory } = setUp();
    await directory.get([A, B]);
    rows.revisions.set(B, 2);
    directory.refresh(
      new Map([
        [A, 1],
        [B, 2],
      ]),
    );
    expect(directory.cached(A)?.revision).toBe(1);
    expect(directory.cached(B)).toBeUndefined();
    expect((await directory.get([A, B])).get(B)?.revision).toBe(2);
  });

  test('an integration archived 30 days ago is unknown, also when it was kept before', async () => {
    let now = 0;
    const { rows, directory } = setUp(() => now);
    rows.archivedAt = new Date(0);
    now = ARCHIVE_MS - 1;
    expect((await directory.get([A])).get(A)?.deletedAt).toBe(0);
    now = ARCHIVE_MS;
    expect((await directory.get([A])).size).toBe(0);
    expect(directory.cached(A)).toBeUndefined();
  });

  test('a failed load is not kept', async () => {
    const { rows, directory } = setUp();
    rows.fails = true;
    await expect(Promise.all([directory.get([A]), directory.get([B])])).rejects.toThrow('database away');
    rows.fails = false;
    expect((await directory.get([A])).size).toBe(1);
  });
});
