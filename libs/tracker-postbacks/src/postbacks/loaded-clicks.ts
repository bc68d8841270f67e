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
export function candidatesOf({
  reading,
  integration,
  case: { admission },
}: ReadCase): readonly ClickCandidate[] {
  if (reading === null || admission !== null || reading.tooLarge !== null) return [];
  return idsOf(reading.clickId).map(({ id }) => ({ t: integration.tenantId, c: id, i: integration.id }));
}

/** The clicks of one load statement, found by what a reading names. */
export class LoadedClicks implements ClickLookup {
  private readonly byKey = new Map<string, LoadedClick>();

  constructor(clicks: readonly LoadedClick[]) {
    for (const click of clicks) this.byKey.set(`${click.integrationId}/${click.clickId}`, click);
  }

  find(read: ReadCase): { readonly click: LoadedClick; readonly warning: Warning | null } | null {
    const { reading, integration } = read;
    if (reading === null || candidatesOf(read).length === 0) return null;
    for (const { id, warning } of idsOf(reading.clickId)) {
      const click = this.byKey.get(`${integration.id}/${id}`);
      if (click !== undefined) return { click, warning };
    }
    return null;
  }
}

type ClickIdReading = NonNullable<ReadCase['reading']>['clickId'];

/** In the order they are tried: a bare word that may be a click after all, the id itself, the id with `+` restored. */
function idsOf(
  clickId: ClickIdReading,
): readonly { readonly id: string; readonly warning: Warning | null }[] {
  if (clickId.kind !== 'value' && clickId.kind !== 'macro') return [];
  const ids: { id: string; warning: Warning | null }[] = [];
  if (clickId.bareWord !== null) ids.push({ id: clickId.bareWord, warning: null });
  if (clickId.kind === 'value') {
    ids.push({ id: clickId.value, warning: null });
    if (clickId.value.includes(' ')) {
      ids.push({
        id: clickId.value.replaceAll(' ', '+'),
        warning: { code: 'plus_restored', parameter: clickId.parameter, args: { value: clickId.value } },
      });
    }
  }
  return ids;
}
