import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { startApplication, type TestApplication } from './setup/application';
import { createCrm } from './setup/crm';
import { createTestDatabase, type TestDatabase } from './setup/database';

const resolve = createRequire(__filename).resolve;

/**
 * What somebody writes against the generated types: a small typed fetch, and a walk through the log. The compiler checks
 * every path, parameter and field of it; nothing of this library is imported.
 */
const CLIENT = `
import type { operations, paths } from './api';

type Get<P extends keyof paths> = paths[P] extends { get: infer O } ? O : never;
type Query<P extends keyof paths> = Get<P> extends { parameters: { query?: infer Q } } ? Q : never;
type Answer<P extends keyof paths> =
  Get<P> extends { responses: { 200: { content: { 'application/json': infer B } } } } ? B : never;

async function get<P extends keyof paths>(
  base: string, path: P, parameters: Record<string, string>, query?: Query<P>,
): Promise<Answer<P>> {
  const url = new URL(base + path.replace(/\\{(\\w+)\\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? '')));
  for (const [name, value] of Object.entries(query ?? {}))
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  const response = await fetch(url);
  if (!response.ok) throw new Error(url.pathname + ': ' + String(response.status) + ' ' + (await response.text()));
  return (await response.json()) as Answer<P>;
}

type Postback = Answer<'/api/tracker/postbacks'>['items'][number];

async function main(base: string): Promise<void> {
  const filters: NonNullable<operations['listPostbacks']['parameters']['query']> = {
    status: ['accepted', 'rejected'], event: ['sale', 'resale'], test: false, limit: 2,
  };
  const seen: Postback[] = [];
  let cursor: string | null = null;
  do {
    const page: Answer<'/api/tracker/postbacks'> = await get(base, '/api/tracker/postbacks', {},
      cursor === null ? filters : { ...filters, cursor });
    seen.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const [first] = seen;
  if (first === undefined) throw new Error('The log is empty.');
  const detail = await get(base, '/api/tracker/postbacks/{id}', { id: first.id });
  const found = await get(base, '/api/tracker/postbacks', {}, { q: 'TRACKER.TID=2' });
  const timeline = await get(base, '/api/tracker/clicks/{clickId}/timeline', { clickId: detail.clickId ?? '' });
  const stats = await get(base, '/api/tracker/stats', {}, { groupBy: 'event', timeZone: 'Europe/Berlin' });
  console.log(JSON.stringify({
    tids: seen.map(({ tid }) => tid),
    costs: detail.written.conversions.map(({ cost }) => cost),
    role: detail.explanation.parameters.find(({ name }) => name === 'tracker.cost')?.role ?? null,
    handlers: detail.deliveries.map(({ handler, attempts }) => handler + attempts.toFixed(0)),
    found: found.items.map(({ tid }) => tid),
    searched: typeof found.searchedFrom,
    kinds: timeline.items.map(({ kind }) => kind),
    sums: stats.rows.flatMap(({ sums }) => sums.map(({ amount, currency }) => amount + (currency ?? ''))),
  }));
}

main(process.argv[2] ?? '').catch((error: unknown) => { console.error(error); process.exitCode = 1; });
`;
/** Using what the document does not have must not compile. */
const WRONG = CLIENT.replace('limit: 2', "limit: 2, tenant: 'x'");

describe('a client generated from the OpenAPI document', () => {
  let database: TestDatabase;
  let host: TestApplication;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database);
    folder = mkdtempSync(join(tmpdir(), 'tracker-client-'));
    const config = new DocumentBuilder().setTitle('CRM').setVersion('1').addBearerAuth().build();
    const document = SwaggerModule.createDocument(host.app, config);
    writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
    const generator = join(dirname(resolve('openapi-typescript/package.json')), 'bin/cli.js');
    execFileSync(
      process.execPath,
      [generator, join(folder, 'openapi.json'), '-o', join(folder, 'api.d.ts')],
      {
        stdio: 'pipe',
      },
    );
  }, 60_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await host.close();
    await database.drop();
  });

  const compile = (source: string): string => {
    writeFileSync(join(folder, 'client.ts'), source);
    const options =
      '--strict --noUncheckedIndexedAccess --target es2022 --module commonjs --ignoreDeprecations 6.0';
    const types = dirname(dirname(resolve('@types/node/package.json')));
    try {
      execFileSync(
        process.execPath,
        [
          resolve('typescript/bin/tsc'),
          ...options.split(' '),
          '--typeRoots',
          types,
          '--types',
          'node',
          'client.ts',
        ],
        { cwd: folder, encoding: 'utf8' },
      );
      return '';
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  };

  it('compiles, and drives the log', async () => {
    const crm = await createCrm(host);
    const clickId = await crm.newClick();
    for (const tid of [1, 2, 3, 4, 5]) {
      await crm.send(
        `tracker.event=sale&clickid=${clickId}&tracker.cost=${tid}.50&tracker.currency=usd&tracker.tid=${tid}`,
      );
    }
    expect(compile(CLIENT)).toBe('');
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'client.js'), host.url]);
    expect(JSON.parse(stdout)).toEqual({
      tids: ['5', '4', '3', '2', '1'],
      costs: ['5.50'],
      role: 'cost',
      handlers: [],
      found: ['2'],
      searched: 'string',
      kinds: expect.arrayContaining(['click', 'postback', 'conversion', 'event']),
      sums: ['16.00USD', '1.50USD'],
    });
  }, 60_000);

  it('does not compile with a filter that does not exist', () => {
    expect(compile(WRONG)).toContain('tenant');
  }, 60_000);
});
