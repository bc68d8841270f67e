import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { TrackerDelivery, TrackerEventRow } from 'nestjs-tracker-postbacks';
import { type AdminOperation, adminOperations } from './openapi-requests';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

/** Stands in everything that belongs to the other tenant and that no request of ours ever sends. */
const MARK = 'theirs-alone';
/** What anybody may see: the catalogue of networks. */
const isShared = ({ path }: AdminOperation): boolean => path.startsWith('networks');

interface Ids {
  readonly [kind: string]: string;
}

/** Rows of every kind for one tenant, with ids by `segment/placeholder` as the routes name them. */
async function furnish(world: TenantHost, tenant: string, mark: string): Promise<Ids> {
  const call = async (method: string, path: string, body?: unknown): Promise<Record<string, any>> => {
    const reply = await world.admin(method, path, { body, 'x-tenant': tenant, 'x-actor': `actor-${mark}` });
    expect(reply.status).toBeLessThan(300);
    return reply.body;
  };
  const integration = await call('POST', 'integrations', { name: mark, network: 'custom', campaignId: null });
  const id = String(integration['id']);
  const { id: linkId } = await call('POST', `integrations/${id}/links`, {
    name: mark,
    baseUrl: `https://x.example/?z=${mark}`,
  });
  const chatId = `chat-${randomUUID()}`;
  const { clickId } = await call('POST', 'clicks', { chatId });
  const deposit = `tracker.cost=7.77&tracker.currency=usd&tracker.tid=${mark}&fields.a=${mark}&sub9=${mark}`;
  const sale = await world.sendTo(id, `tracker.event=sale&${deposit}&clickid=${String(clickId)}`);
  await world.sendTo(id, `tracker.event=${mark}&clickid=${String(clickId)}`);
  await world.sendTo(id, `tracker.event=sale&clickid=${mark}-unknown&fields.a=${mark}`);
  await world.sendTo(id, `tracker.event=&clickid=${String(clickId)}&fields.a=${mark}`);
  const postbackId = String(sale.body['postbackId']);
  const event = await world.dataSource.getRepository(TrackerEventRow).findOneByOrFail({ postbackId });
  const delivery = Object.assign(new TrackerDelivery(), {
    eventId: event.id,
    eventSeq: event.seq,
    clickSeq: event.clickSeq,
    handler: `handler-of-${tenant}`,
    status: 'parked',
    dueAt: new Date(0),
    errors: [{ attempt: 1, at: new Date(0).toISOString(), message: mark }],
  });
  await world.dataSource.getRepository(TrackerDelivery).insert(delivery);
  return {
    'integrations/id': id,
    'postbacks/postbackConfigId': String(integration['postbacks'][0].id),
    'links/id': String(linkId),
    'clicks/clickId': String(clickId),
    'chats/chatId': chatId,
    'postbacks/id': postbackId,
    'conversions/id': String(sale.body['conversionId']),
    'deliveries/id': delivery.id,
    'handlers/name': delivery.handler,
  };
}

/** Ids of the same shape that nobody has. */
const nobodys = (kind: string): string =>
  kind === 'clicks/clickId' ? 'zzzzzzzzzzzz' : kind === 'deliveries/id' ? '999999999' : randomUUID();

describe('a tenant', () => {
  let world: TenantHost;
  let ours: Ids;
  let theirs: Ids;
  let operations: readonly AdminOperation[];

  beforeAll(async () => {
    world = await startTenantHost();
    ours = await furnish(world, 'ours', 'ours-alone');
    theirs = await furnish(world, 'theirs', MARK);
    operations = adminOperations(world.host.app).filter((operation) => !isShared(operation));
  });
  afterAll(() => world.stop());

  /** Every row of the other tenant, byte for byte. */
  async function theirRows(): Promise<unknown> {
    const tables = ['integrations', 'links', 'clicks', 'postbacks', 'conversions', 'events', 'audit'].map(
      (table) => `tracker_${table} x WHERE x.tenant_id = 'theirs'`,
    );
    const rows: string[] = [];
    for (const from of [
      ...tables,
      `tracker_postback_configs x JOIN tracker_integrations i ON i.id = x.integration_id WHERE i.tenant_id = 'theirs'`,
      `tracker_deliveries x JOIN tracker_events e ON e.id = x.event_id WHERE e.tenant_id = 'theirs'`,
    ]) {
      rows.push(
        ...(await world.sql(`SELECT x.* FROM ${from}`)).map((row) => `${from}: ${JSON.stringify(row)}`),
      );
    }
    return rows.sort();
  }

  const pathOf = ({ path, ids }: AdminOperation, idOf: (kind: string) => string): string =>
    ids.reduce((filled, { placeholder, kind }) => filled.replace(`{${placeholder}}`, idOf(kind)), path);

  /** What a reply tells, but for the id that was asked for. */
  async function answer(
    { method, body }: AdminOperation,
    path: string,
    sent: readonly string[],
    given: unknown = body,
  ) {
    const reply = await world.admin(method, path, { body: given, 'x-tenant': 'ours', 'x-actor': 'us' });
    const told = sent.reduce(
      (text, id) => text.replaceAll(id, '<id>').replaceAll(encodeURIComponent(id), '<id>'),
      reply.text,
    );
    return {
      status: reply.status,
      told,
      headers: [...reply.headers.keys()].filter((name) => name !== 'date'),
    };
  }

  it('is asked for on every route: each id in a path is one we know how to misuse', () => {
    const kinds = operations.flatMap(({ ids }) => ids.map(({ kind }) => kind));
    expect(operations.length).toBeGreaterThan(30);
    expect([...new Set(kinds)].filter((kind) => theirs[kind] === undefined)).toEqual([]);
  });

  it('reaches every route with what is its own, or else these specs would prove nothing', async () => {
    const refused: string[] = [];
    for (const operation of operations) {
      const own = await furnish(world, 'working', 'working-alone');
      const path = pathOf(operation, (kind) => own[kind] ?? '');
      const body = named(operation.body, {
        integrationId: own['integrations/id'] ?? '',
        clickId: own['clicks/clickId'] ?? '',
      });
      const { status, text } = await world.admin(operation.method, path, { body, 'x-tenant': 'working' });
      // 409: there, and in another state than the route wants.
      if (status >= 300 && status !== 409) refused.push(`${operation.name} ${status} ${text}`);
    }
    expect(refused).toEqual([]);
  }, 60_000);

  it('is told the same of an integration in a body', async () => {
    const before = await theirRows();
    const naming = operations.filter(({ body }) => JSON.stringify(body ?? '').includes('"integrationId"'));
    expect(naming.length).toBeGreaterThan(0);
    for (const operation of naming) {
      const path = pathOf(operation, (kind) => ours[kind] ?? '');
      const told = async (id: string) =>
        answer(
          operation,
          path,
          [id],
          named(operation.body, { integrationId: id, clickId: ours['clicks/clickId'] ?? '' }),
        );
      const [known, unknown] = [theirs['integrations/id'] ?? '', randomUUID()];
      expect({ name: operation.name, ...(await told(known)) }).toEqual({
        name: operation.name,
        ...(await told(unknown)),
      });
    }
    expect(await theirRows()).toEqual(before);
  });

  it('is told the same of what belongs to another one as of what does not exist', async () => {
    const before = await theirRows();
    for (const operation of operations) {
      const { ids } = operation;
      // Each id in turn belongs to the other tenant; those before it are ours, so that it is reached.
      for (const [position] of ids.entries()) {
        const asked = (last: (kind: string) => string): string[] =>
          ids.map(({ kind }, index) =>
            index < position ? (ours[kind] ?? '') : index === position ? last(kind) : nobodys(kind),
          );
        const reply = async (values: readonly string[]) => {
          const path = pathOf(operation, (kind) => values[ids.findIndex((id) => id.kind === kind)] ?? '');
          return answer(operation, path, values);
        };
        const known = asked((kind) => theirs[kind] ?? '');
        const told = await reply(known);
        expect({ operation: operation.name, ...told }).toEqual({
          operation: operation.name,
          ...(await reply(asked(nobodys))),
        });
        if (/[iI]d$/.test(ids[position]?.placeholder ?? '') && ids[position]?.kind !== 'chats/chatId') {
          expect([operation.name, told.status]).toEqual([operation.name, 404]);
        }
      }
    }
    expect(await theirRows()).toEqual(before);
  }, 60_000);

  it('without data of its own sees empty lists everywhere', async () => {
    for (const { name, method, path, ids } of operations) {
      if (method !== 'GET' || ids.length > 0) continue;
      const reply = await world.admin('GET', path, { 'x-tenant': 'empty' });
      expect([name, reply.status]).toEqual([name, 200]);
      if ('items' in reply.body) expect([name, reply.body['items']]).toEqual([name, []]);
      expect(reply.text).not.toMatch(/alone/);
    }
  });

  it('counts nothing of what happens to another one', async () => {
    const lists = operations.filter(({ method, ids }) => method === 'GET' && ids.length === 0);
    const all = async () =>
      Promise.all(
        lists.map(async (operation) => [operation.name, await answer(operation, operation.path, [])]),
      );
    const before = await all();
    const id = theirs['integrations/id'] ?? '';
    const more = `tracker.cost=1&tracker.currency=usd&clickid=${theirs['clicks/clickId'] ?? ''}`;
    for (const event of ['sale', 'resale', 'conf'])
      await world.sendTo(id, `tracker.event=${event}&tracker.tid=9&${more}`);
    expect(await all()).toEqual(before);
  });

  it('can send whatever it likes: it neither sees nor changes a row of another one', async () => {
    const before = await theirRows();
    // Names for bodies and filters; the ids of paths stay unknown to our tenant.
    const chat = `chat-${randomUUID()}`;
    await world.admin('POST', 'clicks', { body: { chatId: chat }, 'x-tenant': 'theirs' });
    const after = await theirRows();
    expect(after).not.toEqual(before);
    const values = fc.constantFrom(
      ...Object.values(theirs),
      ...Object.values(ours),
      chat,
      'x',
      'sale',
      'true',
      '1',
    );
    const call = fc.record({
      operation: fc.constantFrom(...operations),
      useTheirs: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
      query: fc.array(fc.tuple(fc.nat(), values), { maxLength: 3 }),
      put: fc.option(fc.tuple(fc.nat(), values)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 6 }), async (calls) => {
        for (const { operation, useTheirs, query, put } of calls) {
          const filters = query.flatMap(([n, value]) => {
            const name = operation.query[n % Math.max(1, operation.query.length)];
            return name === undefined ? [] : [`${name}=${encodeURIComponent(value)}`];
          });
          let turn = 0;
          const path = pathOf(operation, (kind) => (useTheirs[turn++] === true ? theirs : ours)[kind] ?? '');
          const { status, told } = await answer(
            operation,
            filters.length === 0 ? path : `${path}?${filters.join('&')}`,
            [],
            put === null ? operation.body : replaced(operation.body, put[0], put[1]),
          );
          expect({ name: operation.name, told: told.includes(MARK) }).toEqual({
            name: operation.name,
            told: false,
          });
          expect({ name: operation.name, status, told: status >= 500 ? told : '' }).toMatchObject({
            told: '',
          });
        }
      }),
      { numRuns: 200 },
    );
    expect(await theirRows()).toEqual(after);
  }, 120_000);
});

/** The body with these members, at any depth, put in the place of its examples. */
function named(body: unknown, members: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(body)) return body.map((one) => named(one, members));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'string' ? (members[name] ?? value) : named(value, members),
    ]),
  );
}

/** The body with its n-th text, at any depth, put in another's place. */
function replaced(body: unknown, n: number, value: string): unknown {
  let count = 0;
  JSON.stringify(body, (_, inner: unknown) => {
    if (typeof inner === 'string') count += 1;
    return inner;
  });
  let turn = 0;
  const walk = (inner: unknown): unknown => {
    if (typeof inner === 'string') return turn++ === n % Math.max(1, count) ? value : inner;
    if (Array.isArray(inner)) return inner.map(walk);
    if (typeof inner === 'object' && inner !== null)
      return Object.fromEntries(Object.entries(inner).map(([name, one]) => [name, walk(one)]));
    return inner;
  };
  return walk(body);
}
