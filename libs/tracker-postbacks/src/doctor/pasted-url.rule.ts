import { takeSecret } from '../rules/parameters.rule';
import { formDecoded, trimmed } from '../rules/text.rule';

/** One `name=value` of a URL, both as they stand there. */
export interface UrlParameter {
  readonly rawName: string;
  readonly raw: string;
}

/** A URL cut into what the doctor looks at. What was not pasted is null. */
export interface PastedUrl {
  readonly scheme: 'http' | 'https' | null;
  /** With its port, lower case. */
  readonly host: string | null;
  /** As pasted, without query; null where only a query was pasted. */
  readonly path: string | null;
  /** The path segment after `postbacks/`, where the path is one of a postback URL. */
  readonly integrationId: string | null;
  /** The path segment after `tracker-postback/`. */
  readonly pathEvent: string | null;
  readonly parameters: readonly UrlParameter[];
  /** The URL had parameters but no `?` before them. */
  readonly questionMarkMissing: boolean;
}

const ABSOLUTE = /^(?:(https?):\/\/)?([^/?]*)([^?]*)(?:\?(.*))?$/is;
const POSTBACK_PATH = /\/postbacks\/+([^/]+)\/+tracker-postback(?:\/+([^/]*))?\/*$/i;
const WITHOUT_QUESTION_MARK = /^([^?]*\/tracker-postback(?:\/[\w.-]*)?)&(.*)$/is;

/** Cuts a cleaned text. Total: every text has a reading. */
export function pastedUrl(text: string): PastedUrl {
  const unmarked = WITHOUT_QUESTION_MARK.exec(text);
  const whole = unmarked === null ? text : `${unmarked[1] ?? ''}?${unmarked[2] ?? ''}`;
  const questionMarkMissing = unmarked !== null;
  if (!/^https?:\/\//i.test(whole) && !startsWithHost(whole)) {
    const mark = whole.indexOf('?');
    const path = whole.startsWith('/') ? (mark === -1 ? whole : whole.slice(0, mark)) : null;
    const query = mark === -1 ? (path === null ? whole : '') : whole.slice(mark + 1);
    // `tracker.event=sale?click_id=…` has its first `?` inside a value.
    const isQueryAlone = path === null && mark > 0;
    return {
      scheme: null,
      host: null,
      ...pathParts(path),
      parameters: split(isQueryAlone ? whole : query),
      questionMarkMissing,
    };
  }
  const [, scheme, host = '', path = '', query = ''] = ABSOLUTE.exec(whole) ?? [];
  return {
    scheme: scheme === undefined ? null : scheme.toLowerCase() === 'http' ? 'http' : 'https',
    host: host.toLowerCase(),
    ...pathParts(path),
    parameters: split(query),
    questionMarkMissing,
  };
}

/** The URL without secrets: no answer repeats one, and they are compared on their own. */
export function withoutSecrets(url: PastedUrl): {
  readonly url: PastedUrl;
  readonly secrets: readonly string[];
} {
  const { target, secrets } = takeSecret(`?${queryOf(url.parameters)}`, null);
  return { url: { ...url, parameters: split(target.slice(1)) }, secrets };
}

/** The decoded name of a parameter. */
export function nameOf({ rawName }: UrlParameter): string {
  return trimmed(formDecoded(rawName) ?? rawName);
}

/** The decoded, trimmed value of a parameter. */
export function valueOf({ raw }: UrlParameter): string {
  return trimmed(formDecoded(raw) ?? raw);
}

/** Parameters as the text of a query. */
export function queryOf(parameters: readonly UrlParameter[]): string {
  return parameters.map(({ rawName, raw }) => `${rawName}=${raw}`).join('&');
}

function startsWithHost(text: string): boolean {
  return /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?(?:[/?]|$)/i.test(text);
}

function pathParts(path: string | null): Pick<PastedUrl, 'path' | 'integrationId' | 'pathEvent'> {
  const found = path === null ? null : POSTBACK_PATH.exec(path);
  const event = found?.[2];
  return {
    path,
    integrationId: found?.[1]?.toLowerCase() ?? null,
    pathEvent: event === undefined || event === '' ? null : event,
  };
}

function split(query: string): readonly UrlParameter[] {
  return query
    .split('&')
    .filter((text) => text !== '' && text !== '?')
    .map((text) => {
      const equals = text.indexOf('=');
      return equals === -1
        ? { rawName: text, raw: '' }
        : { rawName: text.slice(0, equals), raw: text.slice(equals + 1) };
    });
}
