import { parametersOf } from '../rules/parameters.rule';
import { type Warning } from '../rules/codes';
import { type FlatRecord, type PostbackRequest, type Reading } from '../rules/reading';
import { read } from '../rules/reading.rule';
import { type Recipe } from '../rules/recipe';
import { purposeOf } from './lint-target';
import { isOfSyntax, macrosIn } from './macro-forms.rule';

/** A reading as the doctor shows it: values of a template are the macros that will be filled in. */
export interface ReadingView {
  /** What it is recorded as: an event name, `sale/resale`, `reversal`, `ignore`; null when none can be read. */
  readonly event: string | null;
  /** The word as sent, before the event map. */
  readonly reportedEvent: string | null;
  readonly clickId: string | null;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tid: string | null;
  readonly fields: FlatRecord;
  readonly params: FlatRecord;
}

/** First number that stands for a macro in an amount. */
const NUMBERS = 1_000_000_007;
const TOKEN = /zq(\d+)qz/gi;

/**
 * Reads a template as if the network had filled its macros in: each macro of its syntax becomes a token, the request is
 * read as ever, and the tokens in what came out become the macros again.
 */
export function readTemplate(request: PostbackRequest, recipe: Recipe): Reading {
  const filling = new Filling(recipe);
  const filled = filling.request(request);
  return filling.restored(read(filled, recipe));
}

export function readingView(reading: Reading): ReadingView {
  const { event, clickId, cost, currency, tid, fields, params } = reading;
  return {
    event: eventOf(event),
    reportedEvent: 'word' in event ? event.word : null,
    clickId: clickId.kind === 'value' ? clickId.value : null,
    cost,
    currency,
    tid,
    fields,
    params,
  };
}

function eventOf(event: Reading['event']): string | null {
  switch (event.kind) {
    case 'event':
      return event.name;
    case 'deposit_stream':
      return 'sale/resale';
    case 'ignored':
      return 'ignore';
    case 'reversal':
      return 'reversal';
    default:
      return null;
  }
}

class Filling {
  private readonly macros: string[] = [];

  constructor(private readonly recipe: Recipe) {}

  request({ target, pathEvent }: PostbackRequest): PostbackRequest {
    const parameters = parametersOf({ target, pathEvent: null, body: null }).parameters;
    const query = parameters.map(({ name, value }) => {
      const purpose = purposeOf(name, this.recipe);
      const isAmount = purpose.kind === 'role' && purpose.role === 'cost';
      return `${encodeURIComponent(this.filled(name, false))}=${encodeURIComponent(this.filled(value, isAmount))}`;
    });
    return {
      target: `/?${query.join('&')}`,
      pathEvent: pathEvent === null ? null : this.filled(pathEvent, false),
      body: null,
    };
  }

  restored(reading: Reading): Reading {
    const { event, clickId } = reading;
    return {
      ...reading,
      event: this.texts(event),
      clickId: this.texts(clickId),
      cost: reading.cost === null ? null : this.text(reading.cost),
      costRaw: reading.costRaw === null ? null : this.text(reading.costRaw),
      currency: reading.currency === null ? null : this.text(reading.currency),
      tid: reading.tid === null ? null : this.text(reading.tid),
      fields: this.record(reading.fields),
      params: this.record(reading.params),
      warnings: reading.warnings.map((warning) => this.warning(warning)),
    };
  }

  private filled(text: string, isAmount: boolean): string {
    const { macroSyntax } = this.recipe;
    if (macroSyntax === null) return text;
    return macrosIn(text, macroSyntax)
      .filter((macro) => isOfSyntax(macro.text, macroSyntax))
      .reduce((rest, macro) => {
        this.macros.push(macro.text);
        const at = this.macros.length - 1;
        return rest.replace(macro.text, isAmount ? String(NUMBERS + at) : `zq${at}qz`);
      }, text);
  }

  private text(text: string): string {
    const amount = this.macros[Math.abs(Number(text)) - NUMBERS];
    if (amount !== undefined) return text.startsWith('-') ? `-${amount}` : amount;
    return text.replace(TOKEN, (token, at: string) => this.macros[Number(at)] ?? token);
  }

  /** Every text of a flat object. */
  private texts<T extends object>(value: T): T {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]: [string, unknown]) => [
        key,
        typeof member === 'string' ? this.text(member) : member,
      ]),
    ) as T;
  }

  private record(record: FlatRecord): FlatRecord {
    const restored = Object.create(null) as Record<string, string>;
    for (const [key, value] of Object.entries(record)) restored[this.text(key)] = this.text(value);
    return restored;
  }

  private warning(warning: Warning): Warning {
    const { parameter, args } = warning;
    return {
      ...warning,
      parameter: parameter === null ? null : this.text(parameter),
      ...(args === undefined ? {} : { args: this.texts(args) }),
    };
  }
}
