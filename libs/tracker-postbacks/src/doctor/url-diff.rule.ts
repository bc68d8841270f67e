import { LintDraft } from './lint-draft';
import { closestConfig, configParameters, type LintTarget, outcomeOf, purposeOf } from './lint-target';
import { lintNames, type Misspelling, splitAppended } from './name-lint.rule';
import { type PastedUrl } from './pasted-url.rule';

/** How a pasted URL differs from the ready URL of its event. */
export interface UrlDiff {
  /** Parameters of the ready URL that the pasted one does not have, under any of their names. */
  readonly missing: readonly string[];
  /** Parameters that the ready URL does not have. */
  readonly extra: readonly string[];
  readonly misspelt: readonly Misspelling[];
  /** Parameters whose macro this network does not fill in, or did not. */
  readonly unreplaced: readonly string[];
}

export const NO_DIFF: UrlDiff = { missing: [], extra: [], misspelt: [], unreplaced: [] };

/** Compares with the config of the URL's event; without one, only what nothing reads is extra. */
export function urlDiff(
  url: PastedUrl,
  target: LintTarget,
  misspelt: readonly Misspelling[],
  unreplaced: readonly string[],
): UrlDiff {
  const draft = new LintDraft(target, url.parameters, url.pathEvent);
  splitAppended(draft);
  lintNames(draft);
  const pasted = draft.parameters.map(({ name, value }) => ({ name, value, id: identityOf(name, target) }));
  const event = draft.event();
  const config = closestConfig(
    event !== null && outcomeOf(event, target.recipe) === null ? null : event,
    () => 0,
    target,
  );
  const ready = config === null ? [] : configParameters(config, target).map(([name]) => name);
  const held = new Set(pasted.filter(({ value }) => value !== '').map(({ id }) => id));
  if (url.pathEvent !== null) held.add('role:event');
  const expected = new Set(ready.map((name) => identityOf(name, target)));
  return {
    missing: ready.filter((name) => !held.has(identityOf(name, target))),
    extra: pasted
      .filter(({ id }) => !expected.has(id) && isExtra(id, config !== null))
      .map(({ name }) => name),
    misspelt,
    unreplaced,
  };
}

function isExtra(id: string, hasConfig: boolean): boolean {
  return hasConfig ? id !== 'key' : id.startsWith('other:');
}

function identityOf(name: string, { recipe }: LintTarget): string {
  const purpose = purposeOf(name, recipe);
  switch (purpose.kind) {
    case 'role':
      return `role:${purpose.role}`;
    case 'field':
      return `field:${purpose.key}`;
    case 'secret':
      return 'key';
    case 'none':
      return `other:${name.toLowerCase()}`;
  }
}
