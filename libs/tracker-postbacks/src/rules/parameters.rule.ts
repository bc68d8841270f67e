import { type Warning } from './codes';
import { repaired } from './damage.rule';
import { flattenedJson } from './json-body.rule';
import { type PostbackBody, type PostbackRequest } from './reading';
import { formDecoded, hasUnstorable, percentDecoded, storable } from './text.rule';

export { takeSecret, type TakenSecret } from './secret.rule';

/** More parameters than this are not read (`parameters_cut`). */
export const MAX_PARAMETERS = 2_000;
/** How the `:event` path segment is named in warnings. */
const PATH_EVENT = ':event';

export type ParameterSource = 'query' | 'form' | 'json' | 'path';

/** One parameter of a request. Names are flat strings: dots and brackets are part of them. */
export interface Parameter {
  /** Decoded once, without NUL and lone surrogates. */
  readonly name: string;
  /** As sent, between `=` and `&`. */
  readonly raw: string;
  /** Decoded once, without NUL and lone surrogates, not trimmed; equal to `raw` when that is not UTF-8. */
  readonly value: string;
  readonly source: ParameterSource;
}

export interface ParameterList {
  readonly parameters: readonly Parameter[];
  readonly warnings: readonly Warning[];
}

/**
 * All parameters of a request, in the order path, query, body. The query is split at `&` only, the first `=` splits,
 * `+` is a space, percent-decoding is UTF-8; what is not UTF-8 stays undecoded; `#` is an ordinary character.
 */
export function parametersOf(request: PostbackRequest): ParameterList {
  const parameters: Parameter[] = [];
  const warnings: Warning[] = [];
  if (request.pathEvent !== null) parameters.push(pathParameter(request.pathEvent, warnings));
  const mark = request.target.indexOf('?');
  if (mark !== -1) splitInto(parameters, warnings, request.target.slice(mark + 1), 'query');
  if (request.body !== null) addBody(parameters, warnings, request.body);
  if (parameters.length > MAX_PARAMETERS) {
    parameters.length = MAX_PARAMETERS;
    warnings.push({ code: 'parameters_cut', parameter: null, args: { limit: String(MAX_PARAMETERS) } });
  }
  return { parameters, warnings };
}

/** One `name=value` text as a parameter; `notUtf8` tells that the value (or name) stayed undecoded. */
export function parameterOf(
  text: string,
  source: ParameterSource,
): { readonly parameter: Parameter; readonly notUtf8: boolean } {
  const equals = text.indexOf('=');
  const rawName = equals === -1 ? text : text.slice(0, equals);
  const raw = equals === -1 ? '' : text.slice(equals + 1);
  const name = formDecoded(rawName);
  const value = formDecoded(raw);
  return {
    parameter: { name: storable(name ?? rawName), raw, value: storable(value ?? raw), source },
    notUtf8: name === null || value === null,
  };
}

function splitInto(
  parameters: Parameter[],
  warnings: Warning[],
  damaged: string,
  source: ParameterSource,
): void {
  const text = repaired(damaged);
  if (text !== damaged) warnings.push({ code: 'url_repaired', parameter: null });
  // Most values are plain: they are taken as they stand, without a look at each character.
  const plain = !text.includes('%') && !text.includes('+') && !hasUnstorable(text);
  let start = 0;
  while (start <= text.length && parameters.length <= MAX_PARAMETERS) {
    let end = text.indexOf('&', start);
    if (end === -1) end = text.length;
    if (end > start) {
      if (plain) {
        parameters.push(plainParameter(text, start, end, source));
      } else {
        const { parameter, notUtf8 } = parameterOf(text.slice(start, end), source);
        parameters.push(parameter);
        if (notUtf8) warnings.push({ code: 'not_utf8', parameter: parameter.name });
      }
    }
    start = end + 1;
  }
}

function plainParameter(text: string, start: number, end: number, source: ParameterSource): Parameter {
  const equals = text.indexOf('=', start);
  if (equals === -1 || equals >= end) return { name: text.slice(start, end), raw: '', value: '', source };
  const value = text.slice(equals + 1, end);
  return { name: text.slice(start, equals), raw: value, value, source };
}

/** In a path `+` is a plus. */
function pathParameter(raw: string, warnings: Warning[]): Parameter {
  const value = percentDecoded(raw);
  if (value === null) warnings.push({ code: 'not_utf8', parameter: PATH_EVENT });
  return { name: PATH_EVENT, raw, value: storable(value ?? raw), source: 'path' };
}

function addBody(parameters: Parameter[], warnings: Warning[], body: PostbackBody): void {
  if (body.type === 'form') {
    splitInto(parameters, warnings, body.text, 'form');
    return;
  }
  if (body.text.trim() === '') return;
  const json = flattenedJson(body.text, MAX_PARAMETERS + 1 - parameters.length);
  if (json === null) {
    warnings.push({ code: 'body_unreadable', parameter: null });
    return;
  }
  if (json.tooDeep) warnings.push({ code: 'json_too_deep', parameter: null });
  for (const [name, raw] of json.entries) {
    parameters.push({ name, raw, value: storable(raw), source: 'json' });
  }
}
