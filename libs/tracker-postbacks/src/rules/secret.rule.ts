import { PARAMETER_START, withoutMarkdown } from './damage.rule';
import { parsedJson } from './json-body.rule';
import { type PostbackBody } from './reading';
import { formDecoded, storable, trimmed } from './text.rule';

const SECRET_NAME = 'key';
/** Texts without any of this cannot name `key`, not even percent-encoded, escaped or by U+212A KELVIN SIGN. */
const MAYBE_SECRET = /key|[%\\\0\u0080-\uffff]/i;
const BROKEN_JSON_SECRET = /("key"\s*:\s*)(?:"([^"]*)"?|([^\s,}\]]+))/gi;

export interface TakenSecret {
  /** Every value sent as `key=`, decoded once, in the order sent; one that matches is enough. */
  readonly secrets: readonly string[];
  readonly target: string;
  readonly body: PostbackBody | null;
}

/**
 * Takes the shared secret out of a request before anything is stored, journalled or logged. Every parameter whose
 * decoded name is `key`, without regard to case, goes, with the separator before it, also where a repair of damage would
 * find one (`&amp;key=`, `\&key=`, a second `?key=`); all other bytes stay as they are.
 */
export function takeSecret(target: string, body: PostbackBody | null): TakenSecret {
  const secrets: string[] = [];
  const mark = target.indexOf('?') + 1;
  return {
    target: mark === 0 ? target : target.slice(0, mark) + withoutSecret(target.slice(mark), secrets),
    body: body === null ? null : bodyWithoutSecret(body, secrets),
    secrets,
  };
}

function bodyWithoutSecret(body: PostbackBody, secrets: string[]): PostbackBody {
  const text =
    body.type === 'form' ? withoutSecret(body.text, secrets) : jsonWithoutSecret(body.text, secrets);
  return text === body.text ? body : { type: body.type, text };
}

function withoutSecret(text: string, secrets: string[]): string {
  if (!MAYBE_SECRET.test(text)) return text;
  let kept = '';
  let isFirst = true;
  let isEmpty = true;
  for (const { separator, content } of piecesOf(text)) {
    const equals = content.indexOf('=');
    const rawName = equals === -1 ? content : content.slice(0, equals);
    if (isSecretName(formDecoded(withoutMarkdown(rawName)))) {
      const raw = equals === -1 ? '' : withoutMarkdown(content.slice(equals + 1));
      const secret = trimmed(formDecoded(raw) ?? raw);
      if (secret !== '') secrets.push(secret);
    } else {
      // What follows a removed first parameter begins the query, so its separator goes instead.
      kept += isEmpty && !isFirst ? content : separator + content;
      isEmpty = false;
    }
    isFirst = false;
  }
  return kept;
}

function piecesOf(text: string): { readonly separator: string; readonly content: string }[] {
  const pieces: { separator: string; content: string }[] = [];
  let separator = '';
  let start = 0;
  for (const match of text.matchAll(PARAMETER_START)) {
    pieces.push({ separator, content: text.slice(start, match.index) });
    separator = match[0];
    start = match.index + separator.length;
  }
  pieces.push({ separator, content: text.slice(start) });
  return pieces;
}

function isSecretName(name: string | null): boolean {
  return name !== null && trimmed(storable(name)).toLowerCase() === SECRET_NAME;
}

function jsonWithoutSecret(text: string, secrets: string[]): string {
  if (!MAYBE_SECRET.test(text)) return text;
  const root = parsedJson(text);
  if (root === undefined) return brokenJsonWithoutSecret(text, secrets);
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return text;
  const members = Object.entries(root) as [string, unknown][];
  const kept = members.filter(([name]) => !isSecretName(name));
  if (kept.length === members.length) return text;
  for (const [name, value] of members) {
    const isSecret = isSecretName(name) && (typeof value === 'string' || typeof value === 'number');
    if (isSecret && value !== '') secrets.push(String(value));
  }
  try {
    return JSON.stringify(Object.fromEntries(kept));
  } catch {
    // Nested too deeply to be written again: a body that nobody can read, and that must not keep the secret.
    return '{}';
  }
}

function brokenJsonWithoutSecret(text: string, secrets: string[]): string {
  return text.replace(BROKEN_JSON_SECRET, (_, name: string, quoted?: string, bare?: string) => {
    const secret = quoted ?? bare ?? '';
    if (secret !== '') secrets.push(secret);
    return `${name}""`;
  });
}
