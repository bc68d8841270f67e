import fc from 'fast-check';
import { type WireRequest } from '../conformance/wire';

export const KNOWN_CLICK = 'click-of-somebody';

/** A request that a network, a crawler or an attacker may send. */
export interface AnyRequest extends WireRequest {
  readonly path: string;
}

/** What may stand in a request line: anything printable; Node itself refuses the rest. */
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 40,
});
const encoded = fc.string({
  unit: fc.oneof(
    fc.constant('%'),
    fc.constantFrom('0', '1', '2', '5', '7', '9', 'A', 'B', 'C', 'D', 'E', 'F', 'e'),
    fc.constantFrom('%00', '%ED%A0%80', '%7B', '%7D', '%2F', '%F0%9F%8E%B0'),
  ),
  maxLength: 24,
});
const word = fc.constantFrom(
  'sale',
  'resale',
  'SALE',
  'registration',
  'reversal',
  'error',
  '__proto__',
  'constructor',
  'first_deposit_',
  '{event}',
  'sale#2',
  '',
  'withdraw',
);
const name = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      'tracker.event',
      'clickid',
      'tracker.cost',
      'tracker.currency',
      'tracker.tid',
      'fields.a',
      'fields.b',
      'key',
      'currency',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '__proto__',
      'constructor.prototype',
      'fields.__proto__',
      'Tracker.Event',
      'fields.',
      'toString',
      '{status}',
      'fields[a]',
    ),
  },
  { weight: 1, arbitrary: fc.oneof(visible, encoded) },
);
const value = fc.oneof(
  { weight: 3, arbitrary: word },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      KNOWN_CLICK,
      'nobody',
      '12.50',
      '1,234',
      '$5',
      '-7',
      'usd',
      '0',
      'null',
      '{sub1}',
      '%7Bsub1%7D',
      '99999999999999999999',
    ),
  },
  { weight: 2, arbitrary: fc.oneof(visible, encoded) },
);
const pair = fc
  .tuple(name, fc.constantFrom('=', '=', '=', '', '==', '%3D'), value)
  .map((parts) => parts.join(''));
const separator = fc.constantFrom('&', '&', '&', '&', '&amp;', String.raw`\&`, '?', '&&', '%C2%A4', ';');
const query = fc.array(fc.tuple(pair, separator), { maxLength: 12 }).map((pairs) => pairs.flat().join(''));
/** Two postbacks in three are such as could count. */
const likelyQuery = fc
  .tuple(fc.constantFrom('sale', 'resale', 'registration', 'withdraw'), query)
  .map(([event, rest]) => `tracker.event=${event}&clickid=${KNOWN_CLICK}&${rest}`);
const slashes = fc.constantFrom('/', '/', '/', '//');
const pathOf = (id: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      slashes,
      fc.constantFrom('api', 'api', 'API', 'ap%69', ''),
      slashes,
      fc.constantFrom('postbacks', 'postbacks', 'Postbacks', 'postback'),
      slashes,
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(id, id.toUpperCase()) },
        { weight: 1, arbitrary: fc.oneof(fc.uuid(), encoded, fc.constantFrom('..', '__proto__', `${id}x`)) },
      ),
      slashes,
      fc.constantFrom('tracker-postback', 'tracker-postback', 'Tracker-Postback'),
      fc.oneof(
        fc.constant(''),
        fc.constant('/'),
        word.map((event) => `/${event}`),
        encoded.map((event) => `/${event}`),
      ),
    )
    .map((parts) => parts.join(''));
const body = fc.oneof(
  fc.record({ type: fc.constant('application/x-www-form-urlencoded'), text: fc.oneof(query, likelyQuery) }),
  fc.record({ type: fc.constant('application/json'), text: fc.json({ maxDepth: 8 }) }),
  fc.record({
    type: fc.constantFrom(
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/xml',
      'x',
      '',
    ),
    text: fc.oneof(query, visible, fc.string()),
  }),
);
export const requestTo = (id: string): fc.Arbitrary<AnyRequest> =>
  fc
    .record({
      method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'),
      path: fc.oneof(
        { weight: 3, arbitrary: fc.constant(`/api/postbacks/${id}/tracker-postback`) },
        { weight: 2, arbitrary: pathOf(id) },
      ),
      query: fc.oneof({ weight: 2, arbitrary: likelyQuery }, { weight: 1, arbitrary: query }),
      body,
    })
    .map(({ method, path, query: asked, body: { type, text } }) => ({
      method,
      path: `${path}?${asked}`,
      ...(method === 'POST' || method === 'PUT'
        ? { headers: type === '' ? {} : { 'Content-Type': type }, body: text }
        : {}),
    }));
