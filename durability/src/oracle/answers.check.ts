import { type AnswerRecord } from '../load/load.types';
import { type Evidence, type Fault, type PostbackFact } from './facts';

/** What a stored verdict may have become since it was answered: what waits is judged again, nothing else is. */
const MAY_BECOME: Readonly<Record<string, readonly string[]>> = {
  accepted: ['accepted'],
  duplicate: ['duplicate'],
  ignored: ['ignored'],
  rejected: ['rejected'],
  quarantined: ['quarantined'],
  unmatched: ['unmatched', 'accepted', 'duplicate'],
  deferred: ['accepted', 'duplicate', 'unmatched', 'ignored', 'rejected'],
};

/** Every answered postback has its row, under the id and with the verdict that the sender was told. */
export function checkAnswers({ testimony, facts }: Evidence): readonly Fault[] {
  const rows = new Map(facts.postbacks.map((row) => [row.id, row]));
  const conversions = new Set(facts.conversions.map(({ id }) => id));
  const faults: Fault[] = [];
  for (const answer of testimony.answers) {
    const { n, http, status, postbackId, conversionId } = answer;
    if (http === null || http >= 500) continue;
    if (postbackId === null || status === null) {
      faults.push({
        kind: 'wrong',
        text: `request ${n} was answered ${http} without a postback's id and verdict`,
      });
      continue;
    }
    const row = rows.get(postbackId);
    if (row === undefined) {
      faults.push({
        kind: 'lost',
        text: `request ${n} was answered ${status} as ${postbackId}, which has no row`,
      });
      continue;
    }
    faults.push(...differences(answer, status, row));
    if (conversionId !== null && !conversions.has(conversionId)) {
      faults.push({
        kind: 'lost',
        text: `request ${n} was told of the conversion ${conversionId}, which has no row`,
      });
    }
  }
  return faults;
}

function differences({ n, conversionId }: AnswerRecord, status: string, row: PostbackFact): readonly Fault[] {
  if (row.n !== n) {
    return [{ kind: 'wrong', text: `the row ${row.id} of request ${n} holds request ${String(row.n)}` }];
  }
  if (MAY_BECOME[status]?.includes(row.status) !== true) {
    return [
      {
        kind: 'wrong',
        text: `request ${n} was answered ${status} and is stored as ${row.status}/${row.code}`,
      },
    ];
  }
  if (conversionId !== null && row.conversionId !== conversionId) {
    return [
      {
        kind: 'wrong',
        text: `request ${n} was told ${conversionId} and its row names ${String(row.conversionId)}`,
      },
    ];
  }
  return [];
}

/** No request has two rows, and with `everySent` each has one, answered or not. */
export function checkRows({ testimony, facts }: Evidence, everySent: boolean): readonly Fault[] {
  const rows = new Map<number, number>();
  for (const { n } of facts.postbacks) if (n !== null) rows.set(n, (rows.get(n) ?? 0) + 1);
  const known = new Set(testimony.sent.map(({ n }) => n));
  const faults: Fault[] = [];
  for (const [n, count] of rows) {
    if (count > 1) faults.push({ kind: 'doubled', text: `request ${n} has ${count} rows` });
    if (!known.has(n)) faults.push({ kind: 'wrong', text: `request ${n} has a row and was never sent` });
  }
  if (everySent) {
    for (const { n } of testimony.sent) {
      if (!rows.has(n)) faults.push({ kind: 'lost', text: `request ${n} was sent and has no row` });
    }
  }
  return faults;
}
