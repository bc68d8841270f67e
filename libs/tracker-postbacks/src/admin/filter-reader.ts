import { DEFAULT_LIMIT, MAX_LIMIT } from './page';
import { uuidOrNull } from './validation';
import { quotable, storable } from '../rules/text.rule';
import { TrackerError, type TrackerErrorDetail } from '../tracker-postbacks.errors';
import { isoMilliseconds } from './iso-time';
import { isTimeZone } from './time-zone';

/** Beyond the year 9999 an id has no room for the time. */
const LATEST = Date.UTC(9999, 11, 31);
/** Faults named in one refusal. */
const MAX_DETAILS = 20;

/**
 * Reads filters from the native values of a caller in code and from the texts of a query alike, and gathers everything
 * that is wrong with them into one refusal.
 */
export class FilterReader {
  private readonly values: ReadonlyMap<string, unknown>;
  private readonly details: TrackerErrorDetail[] = [];

  constructor(filters: object, allowed: readonly string[]) {
    this.values = new Map(
      Object.entries(filters).filter(([, value]) => value !== undefined && value !== null) as [
        string,
        unknown,
      ][],
    );
    for (const name of this.values.keys()) {
      if (!allowed.includes(name)) this.refuse(quotable(name), 'is not a filter of this list', allowed);
    }
  }

  /** Refuses the request if anything was wrong. */
  done(): void {
    if (this.details.length === 0) return;
    const message = `Not accepted: ${this.details.map((detail) => detail.message).join('; ')}.`;
    throw new TrackerError('validation_failed', 400, message, this.details);
  }

  text(name: string, maxLength = Number.POSITIVE_INFINITY): string | null {
    const value = this.values.get(name);
    const text = value === undefined ? null : this.textOf(name, value);
    if (text === null || text.length <= maxLength) return text;
    this.refuse(name, `must not be longer than ${maxLength} characters`);
    return null;
  }

  /** Of a filter that may be repeated; null when it is absent. */
  texts(name: string): readonly string[] | null {
    const value = this.values.get(name);
    if (value === undefined) return null;
    const texts = (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) =>
      this.textOf(name, one),
    );
    return texts.length === 0 ? null : [...new Set(texts.filter((text) => text !== null))];
  }

  /** As {@link texts}, where only some words are possible. */
  words<W extends string>(name: string, allowed: readonly W[]): readonly W[] | null {
    const texts = this.texts(name);
    if (texts === null) return null;
    return texts.flatMap((text) => {
      const word = allowed.find((known) => known === text.toLowerCase());
      if (word === undefined) this.refuse(name, `has no value "${quotable(text)}"`, allowed);
      return word ?? [];
    });
  }

  uuid(name: string): string | null {
    const text = this.text(name);
    if (text === null) return null;
    const id = uuidOrNull(text);
    if (id === null) this.refuse(name, 'must be a UUID');
    return id;
  }

  /** An IANA time zone. @default UTC */
  timeZone(name: string): string {
    const zone = this.text(name);
    if (zone === null) return 'UTC';
    if (isTimeZone(zone)) return zone;
    this.refuse(name, `"${quotable(zone)}" must be an IANA time zone such as Europe/Berlin`);
    return 'UTC';
  }

  /** Milliseconds since the epoch; a date alone is its midnight in the zone. */
  time(name: string, timeZone = 'UTC'): number | null {
    const value = this.values.get(name);
    const text = value instanceof Date ? null : this.text(name);
    if (value === undefined || (text === null && !(value instanceof Date))) return null;
    const time = value instanceof Date ? value.getTime() : isoMilliseconds(text ?? '', timeZone);
    if (time === null || Number.isNaN(time) || time > LATEST) {
      this.refuse(
        name,
        'must be an ISO 8601 time such as 2026-11-21T09:30:00Z, or a date such as 2026-11-21',
      );
      return null;
    }
    return time;
  }

  flag(name: string): boolean {
    const value = this.values.get(name) ?? false;
    const text = typeof value === 'boolean' ? String(value) : this.text(name);
    if (text !== null && text !== 'true' && text !== 'false')
      this.refuse(name, 'must be true or false', ['true', 'false']);
    return text === 'true';
  }

  limit(): number {
    const value = this.values.get('limit') ?? DEFAULT_LIMIT;
    const limit = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT)
      return limit;
    this.refuse('limit', `must be a whole number from 1 to ${MAX_LIMIT}`);
    return DEFAULT_LIMIT;
  }

  private textOf(name: string, value: unknown): string | null {
    if (Array.isArray(value)) this.refuse(name, 'was sent more than once and can hold one value only');
    else if (typeof value !== 'string') this.refuse(name, 'must be text');
    else if (value === '') this.refuse(name, 'must not be empty: leave it out instead');
    else if (storable(value) !== value) this.refuse(name, 'must not hold NUL or half of a surrogate pair');
    else return value;
    return null;
  }

  private refuse(field: string, problem: string, allowed?: readonly string[]): void {
    if (this.details.length === MAX_DETAILS) return;
    this.details.push({
      field,
      message: `${field} ${problem}`,
      ...(allowed === undefined ? {} : { allowed }),
    });
  }
}
