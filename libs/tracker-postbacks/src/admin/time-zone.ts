const DAY_MS = 24 * 60 * 60 * 1000;
/** Names are checked before they get in, so there are no more of them than zones and their spellings. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether it is an IANA time zone such as `Europe/Berlin` or `UTC`; case does not count. */
export function isTimeZone(name: string): boolean {
  // Newer engines take offsets too, which have no rules about summer and no name.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * The first instant of a day in a zone, which need not be 00:00: clocks may skip midnight.
 *
 * @param day midnight UTC of the same year, month and day
 */
export function startOfDay(day: number, timeZone: string): number {
  const before = offsetAt(day - DAY_MS, timeZone);
  const after = offsetAt(day + DAY_MS, timeZone);
  const candidates = [day - Math.max(before, after), day - Math.min(before, after)];
  const exact = candidates.find((time) => time + offsetAt(time, timeZone) === day);
  if (exact !== undefined) return exact;
  let [early, late] = [day - DAY_MS, day + DAY_MS];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (middle + offsetAt(middle, timeZone) >= day) late = middle;
    else early = middle;
  }
  return late;
}

/** Midnight UTC of the day that it is in the zone at this time. */
export function dayOf(time: number, timeZone: string): number {
  const local = time + offsetAt(time, timeZone);
  return local - (((local % DAY_MS) + DAY_MS) % DAY_MS);
}

/** The first instants of all days that touch `[from, to)`, with their names, oldest first. */
export function daysBetween(
  from: number,
  to: number,
  timeZone: string,
): readonly { readonly name: string; readonly start: number }[] {
  const days: { name: string; start: number }[] = [];
  for (let day = dayOf(from, timeZone); ; day += DAY_MS) {
    const start = startOfDay(day, timeZone);
    if (start >= to) return days;
    // A zone that crossed the date line has left a day out: it would begin with the next.
    if (days.at(-1)?.start === start) days.pop();
    days.push({ name: new Date(day).toISOString().slice(0, 10), start });
  }
}

/** Milliseconds that clocks in the zone are ahead of UTC at this time. */
function offsetAt(time: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(time)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(time / 1000) * 1000;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timeZone, format);
  return format;
}
