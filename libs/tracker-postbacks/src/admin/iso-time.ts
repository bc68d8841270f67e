import { startOfDay } from './time-zone';

const ISO_8601 =
  /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:(Z)|([+ -])(\d\d):?(\d\d))?)?$/i;

/**
 * Milliseconds since the epoch of an ISO 8601 time, or null. A date alone is its midnight in the zone; another time that
 * names no offset is UTC.
 * `+` of an offset may have become a space on its way through a query. Digits below the millisecond are cut off.
 */
export function isoMilliseconds(text: string, timeZone = 'UTC'): number | null {
  const match = ISO_8601.exec(text);
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  const millisecond = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const [offsetHours, offsetMinutes] = [part(10), part(11)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return null;
  const date = new Date(0);
  // Date.UTC would take the years 0 to 99 for 1900 to 1999.
  date.setUTCFullYear(year, month - 1, day);
  // A 30th of February would have become the 2nd of March.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  if (match[4] === undefined) return startOfDay(date.getTime(), timeZone);
  date.setUTCHours(hour, minute, second, millisecond);
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
  return date.getTime() + (match[9] === '-' ? offset : -offset);
}
