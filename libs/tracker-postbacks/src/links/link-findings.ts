import { macroPieces } from '../networks/macro-syntax';
import { linkPieces } from '../rules/link-macros.rule';
import { linkParameters, type LinkUrl } from '../rules/link-template.rule';
import { type Locale } from '../rules/messages';
import { type FieldMapping } from '../rules/recipe';
import { percentDecoded, quotable } from '../rules/text.rule';
import { findingFix, findingMessage, type LinkFindingCode } from './link-messages';

/** Something odd about a link, and what to do about it. */
export interface TrackerLinkFinding {
  readonly code: LinkFindingCode;
  readonly about: 'url';
  /** The parameter of the link; null when it stands in the path, in the fragment or in a parameter's name. */
  readonly parameter: string | null;
  readonly message: string;
  readonly fix: string;
  /** To be added to `fields` of the postback configs: what the link was meant to do, where it can work. */
  readonly fieldMapping: FieldMapping | null;
}

/** What a link's findings depend on. */
export interface LinkSurroundings {
  /** The integration's click-id parameter. */
  readonly clickIdParameter: string;
  /** The macro syntax of the integration's network. */
  readonly macroSyntax: string | null;
  readonly locale: Locale;
}

const FIELD = 'fields.';
/** Braces round a GUID are how Windows writes one. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Everything odd about a base URL, each macro once, in the order in which it stands there. */
export function linkFindings(
  baseUrl: string,
  link: LinkUrl,
  { clickIdParameter, macroSyntax, locale }: LinkSurroundings,
): readonly TrackerLinkFinding[] {
  const findings = new Map<string, TrackerLinkFinding>();
  const add = (
    code: LinkFindingCode,
    parameter: string | null,
    args: Readonly<Record<string, string>>,
    fieldMapping: FieldMapping | null = null,
  ): void => {
    const all = { ...args, ...(parameter === null ? {} : { parameter: quotable(parameter) }) };
    const message = findingMessage(code, locale, all);
    const fix = findingFix(code, locale, all, fieldMapping !== null);
    const key = JSON.stringify([code, parameter, message]);
    findings.set(key, { code, about: 'url', parameter, message, fix, fieldMapping });
  };

  if (!link.ok) add('click_parameter_taken', clickIdParameter, { value: quotable(link.value) });
  for (const { text, parameter } of places(baseUrl)) {
    for (const piece of linkPieces(text)) {
      if (piece.kind === 'unknown') add('macro_unknown', parameter, { macro: quotable(piece.text) });
      if (piece.kind !== 'text') continue;
      // Names may hold brackets (`sub[1]`), which only in values can be a network's macro.
      for (const macro of networkMacros(piece.text, parameter === null ? null : macroSyntax)) {
        const key = parameter?.startsWith(FIELD) === true ? parameter.slice(FIELD.length) : '';
        // A mapping is one macro of the network: with other text around it the value would not be the field's.
        const mapping = key !== '' && decoded(text) === macro ? { key, macro } : null;
        add('network_macro_on_link', parameter, { macro, key }, mapping);
      }
    }
  }
  return [...findings.values()];
}

/** The link cut at its parameters' values, so that a finding can name the parameter. */
function places(url: string): readonly { readonly text: string; readonly parameter: string | null }[] {
  const found: { text: string; parameter: string | null }[] = [];
  let end = 0;
  for (const { name, value, end: stop } of linkParameters(url)) {
    const start = stop - value.length;
    found.push({ text: url.slice(end, start), parameter: null }, { text: value, parameter: name });
    end = stop;
  }
  return [...found, { text: url.slice(end), parameter: null }];
}

/** Also those whose braces a browser has percent-encoded. */
function networkMacros(text: string, syntax: string | null): readonly string[] {
  return macroPieces(decoded(text), syntax).flatMap((piece) =>
    piece.name === null || GUID.test(piece.name) ? [] : [piece.text],
  );
}

function decoded(text: string): string {
  return percentDecoded(text) ?? text;
}
