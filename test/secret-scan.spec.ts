import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type LoggerService } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { type AnyTrackerEvent, OnTrackerEvent } from 'nestjs-tracker-postbacks';
import { EventRelay } from '../libs/tracker-postbacks/src/events/event-relay';
import { PostbackStore } from '../libs/tracker-postbacks/src/postbacks/postback-store';
import { adminOperations } from './openapi-requests';
import { ADAPTERS } from './setup/application';
import { type Reply, request } from './setup/crm';
import { startTenantHost, type TenantHost } from './tenant-host.fixture';

/** Everything that anybody was told, as text. */
const told: string[] = [];
const logged: string[] = [];

@Injectable()
class Host {
  @OnTrackerEvent('*', { name: 'everything' })
  handle(event: AnyTrackerEvent): void {
    told.push(JSON.stringify(event));
    throw new Error(`Failed on ${JSON.stringify(event)}`);
  }

  @OnEvent('tracker.**')
  @OnEvent('tracker.sale')
  listen(event: AnyTrackerEvent): void {
    told.push(JSON.stringify(event));
    throw new Error(`Failed on ${JSON.stringify(event)}`);
  }
}

const write = (...parts: unknown[]): void => {
  logged.push(
    parts.map((part) => (part instanceof Error ? (part.stack ?? '') : JSON.stringify(part))).join(' '),
  );
};
const LOGGER: LoggerService = {
  log: write,
  error: write,
  warn: write,
  debug: write,
  verbose: write,
  fatal: write,
};

const everyByte = (text: string): string =>
  Array.from(text)
    .map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .join('');

/** Ways in which a network, a copied URL or a proxy may send a secret; `D` is an event that counts. */
const WAYS: readonly (readonly [string, (secret: string, d: string) => readonly [string, RequestInit?]])[] = [
  ['in the query', (s, d) => [`${d}&key=${s}`]],
  ['first in the query', (s, d) => [`key=${s}&${d}`]],
  ['in other case', (s, d) => [`${d}&KEY=${s}`]],
  ['twice', (s, d) => [`${d}&key=wrong&key=${s}`]],
  ['under an encoded name', (s, d) => [`${d}&%6b%65y=${s}`]],
  ['encoded', (s, d) => [`${d}&key=${everyByte(s)}`]],
  ['encoded twice', (s, d) => [`${d}&key=${encodeURIComponent(everyByte(s))}`]],
  ['with spaces', (s, d) => [`${d}&+key+=%20${s}+`]],
  ['after &amp;', (s, d) => [`${d}&amp;key=${s}`]],
  ['after \\&', (s, d) => [`${d}\\&key=${s}`]],
  ['after a second question mark', (s, d) => [`${d}?key=${s}`]],
  ['in the header', (s, d) => [d, { headers: { 'x-tracker-key': s } }]],
  ['in a form', (s, d) => [d, form(`key=${s}&a=b`)]],
  ['in a form, encoded', (s, d) => [d, form(`a=b&%6Bey=${everyByte(s)}`)]],
  ['in JSON', (s, d) => [d, json({ key: s, note: 'x' })]],
  ['in JSON, other case', (s, d) => [d, json({ Key: s, nested: { a: 1 } })]],
  ['in JSON that is broken', (s, d) => [d, { ...json({}), body: `{"key": "${s}", "a": ` }]],
  ['in query and form', (s, d) => [`${d}&key=${s}`, form(`key=${s}`)]],
  ['with an event that is not there', (s) => [`key=${s}&clickid=x`]],
  ['with an unknown click', (s) => [`tracker.event=sale&clickid=${randomUUID()}&key=${s}`]],
  ['in a huge request', (s, d) => [d, form(`pad=${'x'.repeat(70_000)}&key=${s}`)]],
];

/** Ways that open nothing, by which the secret arrives all the same. */
const MISTAKES: readonly (readonly [
  string,
  (secret: string, d: string) => readonly [string, RequestInit?],
])[] = [
  ['under a name encoded twice', (s, d) => [`${d}&%256Bey=${s}`]],
  ['under another name', (s, d) => [`${d}&secret=${s}`]],
  ['under key[]', (s, d) => [`${d}&key[]=${s}`]],
  ['under tracker.key', (s, d) => [`${d}&tracker.key=${s}`]],
  ['after a semicolon', (s, d) => [`${d};key=${s}`]],
  ['after an encoded &', (s, d) => [`${d}%26key%3D${s}`]],
  ['in an encoded fragment', (s, d) => [`${d}%23key=${s}`]],
  ['within a URL in a value', (s, d) => [`${d}&ref=${encodeURIComponent(`https://x.example/?key=${s}`)}`]],
  ['as a name', (s, d) => [`${d}&${s}`]],
  ['as a field', (s, d) => [`${d}&fields.note=${s}`]],
  ['as the click id', (s) => [`tracker.event=sale&clickid=${s}`]],
  ['as the event', (s) => [`tracker.event=${s}&clickid=x`]],
  ['in another header', (s, d) => [d, { headers: { 'x-forwarded-for': s } }]],
  ['deep in JSON', (s, d) => [d, json({ a: { key: s } })]],
  ['in an array of JSON', (s, d) => [d, json([{ key: s }])]],
  ['as a form that says it is JSON', (s, d) => [d, { ...json({}), body: `key=${s}&a=b` }]],
  [
    'in plain text',
    (s, d) => [d, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: `key=${s}` }],
  ],
];

function form(body: string): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}
function json(body: object): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

describe.each(ADAPTERS)('a secret on %s', (adapter) => {
  let world: TenantHost;
  let id: string;
  const secrets: string[] = [];
  const replies: Reply[] = [];

  /** The secret as it is, backwards through one and two encodings, and its hash nowhere but in its column. */
  const shapes = (secret: string): string[] => [
    secret,
    everyByte(secret),
    encodeURIComponent(everyByte(secret)),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
  const everywhere = async (): Promise<string[]> => {
    const found = await world.placesOf(...secrets.flatMap(shapes));
    for (const secret of secrets.flatMap(shapes)) {
      for (const [place, texts] of [
        ['a log line', logged],
        ['an event', told],
        ['a reply', replies.map(({ text, headers }) => text + JSON.stringify([...headers]))],
      ] as const) {
        const text = texts.find((one) => one.includes(secret));
        if (text !== undefined) found.push(`${place}: ${text.slice(0, 300)}`);
      }
    }
    return found;
  };

  beforeAll(async () => {
    told.length = logged.length = 0;
    world = await startTenantHost({
      adapter,
      providers: [Host],
      options: { events: { retryDelayMs: 1, maxAttempts: 3, pollIntervalMs: 10 } },
      configure: (app) => {
        app.useLogger(LOGGER);
      },
    });
    // The application's own logger is set by the fixture; what is static goes to this one.
    Logger.overrideLogger(LOGGER);
    const { body } = await world.admin('POST', 'integrations', {
      body: { name: 'Keyed', network: 'custom', secret: true, reply: { format: 'json' } },
    });
    id = String(body['id']);
    secrets.push(keyIn(body));
  });
  afterAll(async () => {
    await world.stop();
    Logger.overrideLogger(['fatal']);
  });

  const keyIn = (body: Record<string, any>): string => {
    const key = /[?&]key=([^&]+)/.exec(String(body['postbacks'][0].url))?.[1] ?? '';
    expect(key).toMatch(/^[\w-]{32}$/);
    return key;
  };
  const send = async (query: string, init?: RequestInit): Promise<Reply> => {
    const reply = await world.sendTo(id, query, init);
    replies.push(reply);
    return reply;
  };

  it('is shown when it is made and when it is rotated, and in no other answer', async () => {
    const { body } = await world.admin('POST', `integrations/${id}/secret`, { body: { graceHours: 1 } });
    expect(body['secret']).toBe(keyIn(body));
    secrets.push(keyIn(body));
    for (const path of ['integrations', `integrations/${id}`, `integrations/${id}/postbacks`, 'audit']) {
      replies.push(await world.admin('GET', path));
    }
    replies.push(await world.admin('PATCH', `integrations/${id}`, { body: { name: 'Keyed 2' } }));
    expect(await everywhere()).toEqual([]);
  });

  it.each(WAYS)('sent %s opens the door and is kept nowhere', async (_, way) => {
    for (const secret of secrets) {
      const clickId = await world.newClick();
      const [query, init] = way(secret, `tracker.event=sale&clickid=${clickId}&sub9=kept`);
      const { status, body } = await send(query, init);
      expect([status, body['code']]).not.toContain(503);
    }
    await world.host.app.get(EventRelay).idle();
    expect(await everywhere()).toEqual([]);
  });

  it.each(MISTAKES)('sent by mistake %s is kept nowhere either', async (_, way) => {
    for (const secret of secrets) {
      const [query, init] = way(secret, `tracker.event=sale&clickid=${await world.newClick()}`);
      await send(query, init);
      // Let in by the right one, it is stored, judged and handed on.
      const [again] = way(secret, `tracker.event=resale&clickid=${await world.newClick()}`);
      const headers = new Headers(init?.headers);
      headers.set('x-tracker-key', secret);
      await send(again, { ...init, headers });
    }
    await world.host.app.get(EventRelay).idle();
    expect(await everywhere()).toEqual([]);
  });

  it('that is wrong for this integration is kept nowhere either', async () => {
    const clickId = await world.newClick();
    const { body: other } = await world.admin('POST', 'integrations', {
      body: { name: 'Other', network: 'custom', secret: true },
    });
    const stranger = keyIn(other);
    const reply = await send(`tracker.event=sale&clickid=${clickId}&key=${stranger}`);
    expect(reply).toMatchObject({ status: 403, body: { code: 'secret_wrong' } });
    secrets.push(stranger);
    expect(await everywhere()).toEqual([]);
  });

  it('sent where the event stands, or along with a path, is kept nowhere', async () => {
    for (const [index, secret] of secrets.slice(0, 2).entries()) {
      const clickId = await world.newClick();
      const path = `${world.host.url}/api/postbacks/${id}/tracker-postback`;
      for (const target of [
        `${path}/sale?clickid=${clickId}&key=${secret}`,
        `${path}/?tracker.event=sale&clickid=${clickId}&key=${secret}&n=${index}`,
        `${path}/sale&key=${secret}?clickid=${clickId}`,
        `${path.replace('/api/', '//API/')}?tracker.event=sale&clickid=${clickId}&key=${secret}`,
      ]) {
        replies.push(await request(target));
      }
    }
    expect(await everywhere()).toEqual([]);
  });

  it('is kept nowhere when the database refuses the row or cannot be asked', async () => {
    const store = world.host.app.get(PostbackStore);
    const original = store.write.bind(store);
    for (const [secret, error] of [
      [secrets[0], Object.assign(new Error('refused'), { code: '22P05' })],
      [secrets[1], new Error('connection lost')],
    ] as const) {
      let failures = 1;
      store.write = (batch) => {
        if (batch.postbacks.some(({ status }) => status === 'accepted') && failures-- > 0)
          return Promise.reject(error);
        return original(batch);
      };
      await send(`tracker.event=sale&clickid=${await world.newClick()}&key=${secret ?? ''}`);
      store.write = original;
    }
    expect(await everywhere()).toEqual([]);
  });

  it('is in no answer of any admin route about what it was sent with', async () => {
    const rows = await world.sql<{ id: string }>('SELECT id FROM tracker_postbacks');
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) replies.push(await world.admin('GET', `postbacks/${row.id}`));
    for (const { method, path, ids } of adminOperations(world.host.app)) {
      if (method === 'GET' && ids.length === 0) replies.push(await world.admin('GET', path));
    }
    expect(await everywhere()).toEqual([]);
  });

  it('was looked for where there was something to be found', async () => {
    expect(told.length).toBeGreaterThan(20);
    expect(logged.some((line) => line.includes('Failed on'))).toBe(true);
    expect(replies.some(({ text }) => text.includes('sub9=kept'))).toBe(true);
    const errors = await world.sql('SELECT 1 FROM tracker_deliveries WHERE errors IS NOT NULL');
    expect(errors.length).toBeGreaterThan(20);
    const accepted = await world.sql("SELECT 1 FROM tracker_postbacks WHERE status = 'accepted'");
    expect(accepted.length).toBeGreaterThan(20);
  });
});
