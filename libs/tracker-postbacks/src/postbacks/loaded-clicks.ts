import { type Warning } from '../rules/codes';
import { type ClickLookup } from './batch-plan';
import { type ReadCase } from './postback-case';
import { type LoadedClick } from './postback-store.types';

/** One click id to look for: tenant, click id, and the integration whose history is wanted with it. */
export interface ClickCandidate {
  readonly t: string;
  readonly c: string;
  readonly i: string;
}

/** Every click id a reading may mean. */
export function candidatesOf(read: ReadCase): readonly ClickCandidate[] {
  const { integration } = read;
  return meantBy(read).map(({ id }) => ({ t: integration.tenantId, c: id, i: integration.id }));
}

/** None where the verdict is certain without a click. */
function meantBy({ reading, case: { admission } }: ReadCase): readonly MeantClick[] {
  if (reading === null || admission !== null || reading.tooLarge !== null) return NONE;
  return idsOf(reading.clickId);
}

/** The clicks of one load statement, found by what a reading names. */
export class LoadedClicks implements ClickLookup {
  private readonly byKey = new Map<string, LoadedClick>();

  constructor(clicks: readonly LoadedClick[]) {
    for (const click of clicks) this.byKey.set(`${click.integrationId}/${click.clickId}`, click);
  }

  find(read: ReadCase): { readonly click: LoadedClick; readonly warning: Warning | null } | null {
    for (const { id, warning } of meantBy(read)) {
      const click = this.byKey.get(`${read.integration.id}/${id}`);
      if (click !== undefined) return { click, warning };
    }
    return null;
  }
}

type ClickIdReading = NonNullable<ReadCase['reading']>['clickId'];
interface MeantClick {
  readonly id: string;
  readonly warning: Warning | null;
}
const NONE: readonly MeantClick[] = [];

/** In the order they are tried: a bare word that may be a click after all, the id itself, the id with `+` restored. */
export function idsOf(clickId: ClickIdReading): readonly MeantClick[] {
  if (clickId.kind !== 'value' && clickId.kind !== 'macro') return NONE;
  // Nearly every one.
  if (clickId.kind === 'value' && clickId.bareWord === null && !clickId.value.includes(' '))
    return [{ id: clickId.value, warning: null }];
  const ids: MeantClick[] = [];
  if (clickId.bareWord !== null) ids.push({ id: clickId.bareWord, warning: null });
  if (clickId.kind === 'value') {
    // A click that is asked for twice would come with its history twice.
    if (clickId.value !== clickId.bareWord) ids.push({ id: clickId.value, warning: null });
    if (clickId.value.includes(' ')) {
      const id = clickId.value.replaceAll(' ', '+');
      const { parameter, value } = clickId;
      if (id !== clickId.bareWord)
        ids.push({ id, warning: { code: 'plus_restored', parameter, args: { value } } });
    }
  }
  return ids;
}
