import { type ConversionFact, type Evidence, type Fault } from './facts';

const ONCE_A_CLICK: readonly string[] = ['registration', 'conf'];

/** What may be counted once: a tid of a class on a click, or a first time without one. */
function keyOf(clickId: string, event: string, tid: string | null): string | null {
  const kind = event === 'resale' ? 'sale' : event;
  if (tid !== null) return `${clickId} ${kind} ${tid}`;
  return ONCE_A_CLICK.includes(event) ? `${clickId} ${event}` : null;
}

/** Every key that was acknowledged counts exactly once, and no other more than once. */
export function checkKeys({ testimony, facts }: Evidence): readonly Fault[] {
  const counted = new Map<string, number>();
  for (const { clickId, event, tid } of facts.conversions) {
    const key = keyOf(clickId, event, tid);
    if (key !== null) counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  const faults: Fault[] = [];
  for (const [key, count] of counted) {
    if (count > 1) faults.push({ kind: 'doubled', text: `"${key}" has ${count} conversions` });
  }
  const acknowledged = new Set(testimony.answers.flatMap(({ n, http }) => (http === 200 ? [n] : [])));
  const owed = new Set<string>();
  for (const { n, clickId, event, tid } of testimony.sent) {
    if (clickId === null || event === null || event === 'reversal') continue;
    const key = acknowledged.has(n) && facts.clickIds.has(clickId) ? keyOf(clickId, event, tid) : null;
    if (key !== null) owed.add(key);
  }
  for (const key of owed) {
    if (!counted.has(key))
      faults.push({ kind: 'lost', text: `"${key}" was acknowledged and has no conversion` });
  }
  return faults;
}

/** Ordinals of a click's event run from 1 without gaps or repeats. */
export function checkOrdinals({ facts }: Evidence): readonly Fault[] {
  const series = new Map<string, number[]>();
  for (const { integrationId, clickId, event, ordinal } of facts.conversions) {
    const name = `${event} of ${clickId} on ${integrationId}`;
    const ordinals = series.get(name);
    if (ordinals === undefined) series.set(name, [ordinal]);
    else ordinals.push(ordinal);
  }
  return [...series].flatMap(([name, ordinals]) => {
    const sorted = ordinals.toSorted((a, b) => a - b);
    return sorted.some((ordinal, index) => ordinal !== index + 1)
      ? [{ kind: 'wrong', text: `the ordinals of ${name} are ${sorted.join(', ')}` } as const]
      : [];
  });
}

/** Rows, conversions and events tell the same story. */
export function checkStory({ facts }: Evidence): readonly Fault[] {
  const rows = new Map(facts.postbacks.map((row) => [row.id, row]));
  const conversions = new Map(facts.conversions.map((conversion) => [conversion.id, conversion]));
  const told = new Map<string, number>();
  const causes = new Set<string>();
  for (const { name, conversionId, postbackId } of facts.events) {
    causes.add(postbackId);
    if (conversionId === null) continue;
    told.set(`${conversionId} ${name}`, (told.get(`${conversionId} ${name}`) ?? 0) + 1);
  }
  const times = (conversion: ConversionFact, name: string): number =>
    told.get(`${conversion.id} ${name}`) ?? 0;
  const faults: Fault[] = [];
  for (const conversion of conversions.values()) {
    const { id, event, postbackId, reversed } = conversion;
    const maker = rows.get(postbackId);
    if (maker?.conversionId !== id) {
      faults.push({ kind: 'wrong', text: `the conversion ${id} names ${postbackId}, which did not make it` });
    }
    const events = times(conversion, event);
    if (events === 0) faults.push({ kind: 'lost', text: `the conversion ${id} has no event "${event}"` });
    if (events > 1)
      faults.push({ kind: 'doubled', text: `the conversion ${id} has ${events} events "${event}"` });
    const balance = times(conversion, 'reversal') - times(conversion, 'reinstated');
    if (balance !== (reversed ? 1 : 0)) {
      faults.push({
        kind: 'wrong',
        text: `the conversion ${id} is ${reversed ? '' : 'not '}reversed, its events say ${balance}`,
      });
    }
  }
  for (const { id, n, status, conversionId } of rows.values()) {
    if (status !== 'accepted') continue;
    if (conversionId === null || !conversions.has(conversionId)) {
      faults.push({ kind: 'lost', text: `request ${String(n)} is accepted and has no conversion` });
    }
    if (!causes.has(id))
      faults.push({ kind: 'lost', text: `request ${String(n)} is accepted and has no event` });
  }
  return faults;
}
