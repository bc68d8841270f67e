import { type Random } from './random';
import { type RawRequest } from './raw.request';

const NAMES = [
  'tracker.event',
  'clickid',
  'tracker.cost',
  'tracker.currency',
  'tracker.tid',
  'fields.a',
  'key',
  'currency',
  'n',
  '__proto__',
  'constructor',
  'constructor.prototype',
  'fields.__proto__',
  'fields.constructor',
  '__proto__[a]',
  'fields[__proto__][polluted]',
  'toString',
  'hasOwnProperty',
  'Tracker.Event',
  'fields.',
  '',
  '{status}',
  '.',
  '[]',
  '%5F%5Fproto%5F%5F',
  'fields.%00',
  'tracker%2Eevent',
] as const;
const VALUES = [
  'sale',
  'resale',
  'registration',
  'conf',
  'withdraw',
  'reversal',
  'error',
  'SALE',
  'sale#2',
  '__proto__',
  '{event}',
  '%7Bsub1%7D',
  '',
  'null',
  'undefined',
  '0',
  '-',
  '12.50',
  '1,234',
  '-7',
  '1e309',
  'NaN',
  '99999999999999999999',
  '%00',
  '%ED%A0%80',
  '%F0%9F%8E%B0',
  '%',
  '%2',
  '%zz',
  '%C3%28',
  '%FF%FE',
  '+',
  '%2B',
  '%26',
  '%3D',
  '%0d%0aSet-Cookie:a',
  '[object+Object]',
  '%27%3B+DROP+TABLE+tracker_clicks%3B--',
  '<script>',
  '../../etc/passwd',
  '$where',
  '${7*7}',
  '%u0041',
  '%E2%80%AE',
  '\\u0000',
  '\\ud800',
] as const;
const EVENTS = ['sale', 'resale', 'registration', 'withdraw', 'conf', 'reversal'] as const;
const ODD_METHODS = [
  'PUT',
  'DELETE',
  'PATCH',
  'TRACE',
  'PROPFIND',
  'OPTIONS',
  'HEAD',
  'PURGE',
  'REPORT',
  'LINK',
] as const;
const TYPES = [
  'application/x-www-form-urlencoded',
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'multipart/form-data',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/octet-stream',
  'x',
  '',
  'application/json, application/json',
  '*/*',
] as const;
const BODIES = [
  '{',
  '[',
  '"',
  '{"a":',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '[[[[[[[[[[1]]]]]]]]]]',
  '{"tracker":{"event":"sale"},"clickid":["a","b"]}',
  'null',
  'true',
  '1e999',
  '{"clickid":"\\ud800","tracker.event":"sale"}',
  '{"tracker.event":"sale","clickid":{"$gt":""}}',
  'tracker.event=sale&clickid=%',
  '\u0000',
  '--x\r\n\r\n--x--',
  '{}',
  '',
] as const;
const MAX_TARGET = 15_000;

/** Requests that nobody should send, made of bytes: what a network, a scanner or an attacker may put on the wire. */
export class BadRequests {
  constructor(
    private readonly random: Random,
    private readonly integrationId: string,
    private readonly clickIds: readonly string[],
  ) {}

  draw(): RawRequest {
    const draw = this.random.next();
    if (draw < 0.45) return this.get(this.path(), this.query(this.random.below(8)));
    if (draw < 0.53) return this.get(this.path(), this.longQuery());
    if (draw < 0.75) return this.post(this.body());
    if (draw < 0.76) return this.post(this.manyKeys());
    if (draw < 0.82) return this.oddMethod();
    if (draw < 0.9) return this.get(this.oddPath(), this.query(3));
    if (draw < 0.97) return this.brokenHead();
    if (draw < 0.99) return this.oddBody();
    return this.cutOff();
  }

  private get(path: string, query: string): RawRequest {
    return whole(`GET ${path}?${query} HTTP/1.1\r\n${this.headers()}\r\n`);
  }

  private post(body: string): RawRequest {
    const bytes = Buffer.from(body, this.random.next() < 0.1 ? 'latin1' : 'utf8');
    const head =
      `POST ${this.path()}?${this.query(this.random.below(4))} HTTP/1.1\r\n${this.headers()}` +
      `Content-Type: ${this.random.pick(TYPES)}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
    return whole(Buffer.concat([Buffer.from(head, 'latin1'), bytes]));
  }

  private oddMethod(): RawRequest {
    const method = this.random.pick(ODD_METHODS);
    const request = `${method} ${this.path()}?${this.query(4)} HTTP/1.1\r\n${this.headers()}Content-Length: 0\r\n\r\n`;
    return { ...whole(request), isHead: method === 'HEAD' };
  }

  /** Heads that Node refuses, and some that it should not like. */
  private brokenHead(): RawRequest {
    const path = `${this.path()}?${this.query(2)}`;
    const host = 'Host: localhost\r\n';
    return whole(
      this.random.pick([
        `GET ${path}\r\n\r\n`,
        `GET ${path} HTTP/9.9\r\n${host}\r\n`,
        `GET ${path} HTTP/1.1\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\n${host}${host}\r\n`,
        `GET ${path} with a space HTTP/1.1\r\n${host}\r\n`,
        `GET ${path}&name=\u0416\u00e9 HTTP/1.1\r\n${host}\r\n`,
        `GET ${path}&a=\u0000 HTTP/1.1\r\n${host}\r\n`,
        `GET ${path} HTTP/1.1\r\n${host}no colon\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\n${host}X: \u0000\r\n\r\n`,
        `GET ${path} HTTP/1.1\n${host}\n`,
        `get ${path} HTTP/1.1\r\n${host}\r\n`,
        `GET ${path} HTTP/1.1\r\n${host}X: ${'x'.repeat(20_000)}\r\n\r\n`,
        `GET ${path} HTTP/1.1\r\n${host}Expect: something\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${host}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc`,
        `POST ${path} HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${host}Transfer-Encoding: gzip\r\n\r\n`,
        `${this.random.pick(VALUES)}\r\n\r\n`,
        '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      ]),
    );
  }

  /** Bodies that are not what their head says they are. */
  private oddBody(): RawRequest {
    const path = `${this.path()}?${this.query(2)}`;
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
    const chunked = `Transfer-Encoding: chunked\r\n\r\n`;
    const size = 60_000 + this.random.below(20_000);
    return whole(
      this.random.pick([
        `POST ${path} HTTP/1.1\r\n${this.headers()}${form}${chunked}5\r\na=b&c\r\n0\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${this.headers()}${form}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello`,
        `POST ${path} HTTP/1.1\r\n${this.headers()}${form}Content-Encoding: br\r\n${chunked}1\r\nx\r\n0\r\n\r\n`,
        `POST ${path} HTTP/1.1\r\n${this.headers()}${form}Expect: 100-continue\r\nContent-Length: 3\r\n\r\na=b`,
        `GET ${path} HTTP/1.1\r\n${this.headers()}${form}Content-Length: 3\r\n\r\na=b`,
        `POST ${path} HTTP/1.1\r\n${this.headers()}${form}Content-Length: ${size}\r\n\r\n${'a'.repeat(size)}`,
        `POST ${path} HTTP/1.1\r\n${this.headers()}Content-Type: application/json\r\nContent-Length: ${size}\r\n\r\n${'['.repeat(size)}`,
      ]),
    );
  }

  /** Given up in the middle. */
  private cutOff(): RawRequest {
    const { bytes } =
      this.random.next() < 0.5 ? this.get(this.path(), this.query(3)) : this.post(this.body());
    return { bytes: bytes.subarray(0, this.random.below(bytes.length)), isHead: false, isCutOff: true };
  }

  private headers(): string {
    return (
      'Host: localhost\r\n' +
      this.random.pick([
        '',
        '',
        '',
        'X-Forwarded-For: 1.2.3.4, evil\r\n',
        'X-Tracker-Key: \u00ff\u00fe\r\n',
        'Cookie: __proto__=1\r\n',
        'Accept-Language: ru\r\n',
        'Origin: https://evil.example\r\n',
        'Range: bytes=0-1\r\n',
        'If-None-Match: *\r\n',
        'X-HTTP-Method-Override: DELETE\r\n',
        'Upgrade-Insecure-Requests: 1\r\n',
        '__proto__: polluted\r\n',
      ])
    );
  }

  private path(): string {
    return `/api/postbacks/${this.integrationId}/tracker-postback`;
  }

  private oddPath(): string {
    const id = this.integrationId;
    return this.random.pick([
      `/api/postbacks/${id}/tracker-postback/${encodeURIComponent(this.random.pick(EVENTS))}`,
      `/api/postbacks/${id}/tracker-postback/%00`,
      `/api/postbacks/${id}/tracker-postback/%`,
      `/api/postbacks/${id}/tracker-postback/%E0%A4%A`,
      `/api/postbacks/${id}/tracker-postback/__proto__`,
      `/api/postbacks/${id}/tracker-postback/${'x'.repeat(this.random.below(300))}`,
      `/api/postbacks/${id}/tracker-postback/a/b`,
      `/api//postbacks/${id.toUpperCase()}//Tracker-Postback/`,
      `/api/postbacks/${id}x/tracker-postback`,
      `/api/postbacks/../postbacks/${id}/tracker-postback`,
      `/api/postbacks/%2e%2e/tracker-postback`,
      '/api/postbacks/__proto__/tracker-postback',
      '/api/postbacks/00000000-0000-4000-8000-000000000000/tracker-postback',
      `http://elsewhere.example/api/postbacks/${id}/tracker-postback`,
      '/api/tracker/integrations',
      '/',
      '/%',
      '*',
    ]);
  }

  private query(pairs: number): string {
    // Two in three could count: they reach the deepest code.
    const likely =
      this.random.next() < 0.66
        ? `tracker.event=${this.random.pick(EVENTS)}&clickid=${this.random.pick(this.clickIds)}&`
        : '';
    let query = likely;
    for (let pair = 0; pair < pairs; pair++) query += this.pair();
    return query;
  }

  private pair(): string {
    const name = this.random.next() < 0.9 ? this.random.pick(NAMES) : this.noise(20);
    const value = this.random.next() < 0.7 ? this.random.pick(VALUES) : this.noise(60);
    const equals = this.random.pick(['=', '=', '=', '=', '', '==', '%3D', '[]=']);
    return `${name}${equals}${value}${this.random.pick(['&', '&', '&', '&', '&amp;', '&&', ';', '?', '\\&', ''])}`;
  }

  private longQuery(): string {
    let query = this.query(2);
    const length = this.random.below(MAX_TARGET - query.length);
    const kind = this.random.below(4);
    while (query.length < length) {
      query += kind === 0 ? 'a&' : kind === 1 ? this.pair() : kind === 2 ? '%25' : 'x';
    }
    return query.slice(0, MAX_TARGET);
  }

  private body(): string {
    return this.random.next() < 0.5 ? this.random.pick(BODIES) : this.query(this.random.below(12));
  }

  private manyKeys(): string {
    const isJson = this.random.next() < 0.3;
    const keys = Array.from({ length: 10_000 }, (_, n) => (isJson ? `"k${n}":1` : `k${n}=`));
    return isJson ? `{${keys.join(',')}}` : keys.join('&');
  }

  /** Any printable characters, and escapes of any bytes. */
  private noise(longest: number): string {
    let text = '';
    for (let left = this.random.below(longest); left > 0; left--) {
      text +=
        this.random.next() < 0.3
          ? `%${this.random.below(256).toString(16).padStart(2, '0')}`
          : String.fromCharCode(0x21 + this.random.below(0x5e));
    }
    return text.replaceAll('#', '');
  }
}

const CR = 0x0d;
const LF = 0x0a;

function whole(text: string | Buffer): RawRequest {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
  // Empty lines are what may come before a request (RFC 9112, 2.2): alone they are the beginning of one.
  return { bytes, isHead: false, isCutOff: bytes.every((byte) => byte === CR || byte === LF) };
}
