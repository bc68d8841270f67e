import { type UrlConfig } from '../integrations/postback-url';
import { type MessageArguments } from '../rules/codes';
import { type Role } from '../rules/recipe';
import { isAbsentFromRole } from '../rules/roles.rule';
import { type Finding, type FindingCode } from './finding-codes';
import {
  closestConfig,
  configParameters,
  type LintTarget,
  outcomeOf,
  type Purpose,
  purposeOf,
} from './lint-target';
import { inUrl, macrosIn } from './macro-forms.rule';
import { nameOf, type UrlParameter, valueOf } from './pasted-url.rule';

export type LintMode = 'template' | 'received';

/** One parameter under repair. */
export interface DraftParameter extends UrlParameter {
  readonly name: string;
  /** Decoded once and trimmed. */
  readonly value: string;
  readonly purpose: Purpose;
  /** It stands so in one of the integration's own ready URLs, and what we hand out ourselves is right. */
  readonly isOwn: boolean;
}

const MAX_FINDINGS = 100;
/** The order of a ready URL. */
const ORDER: readonly Role[] = ['event', 'clickId', 'cost', 'currency', 'tid'];
const CANONICAL_NAMES: Readonly<Record<Role, string>> = {
  event: 'tracker.event',
  clickId: 'clickid',
  cost: 'tracker.cost',
  currency: 'tracker.currency',
  tid: 'tracker.tid',
};

/** A postback URL on its way to a corrected one, with everything that was found on the way. */
export class LintDraft {
  readonly findings: Finding[] = [];
  parameters: readonly DraftParameter[];
  private readonly own: ReadonlySet<string>;
  private readonly reported = new Set<string>();

  constructor(
    readonly target: LintTarget,
    parameters: readonly UrlParameter[],
    public pathEvent: string | null,
  ) {
    this.own = new Set(
      target.configs.flatMap((config) =>
        configParameters(config, target).flatMap(([name, value]) => [
          key(name, value),
          key(name, inUrl(value, target.recipe.macroSyntax)),
        ]),
      ),
    );
    this.parameters = parameters.map((parameter) => this.read(parameter));
  }

  get syntax(): string | null {
    return this.target.recipe.macroSyntax;
  }

  /** Each fault of each parameter once; of a text with hundreds of faults the first hundred are told, and all mended. */
  report(code: FindingCode, parameter: string | null, args?: MessageArguments): void {
    const id = `${code} ${parameter ?? ''}`;
    if (this.reported.has(id) || this.findings.length >= MAX_FINDINGS) return;
    this.reported.add(id);
    this.findings.push({ code, parameter, ...(args === undefined ? {} : { args }) });
  }

  /** Rewrites parameters one by one: another one takes its place, null takes it out. */
  rewrite(change: (parameter: DraftParameter) => DraftParameter | readonly DraftParameter[] | null): void {
    this.parameters = this.parameters.flatMap((parameter) => {
      const changed = change(parameter);
      return changed === null ? [] : changed;
    });
  }

  renamed(parameter: DraftParameter, name: string): DraftParameter {
    return this.read({ rawName: name, raw: parameter.raw });
  }

  revalued(parameter: DraftParameter, value: string): DraftParameter {
    return this.read({ rawName: parameter.rawName, raw: inUrl(value, this.syntax) });
  }

  /** The parameters of a role that hold anything at all. */
  ofRole(role: Role): readonly DraftParameter[] {
    return this.parameters.filter(
      ({ purpose, value }) => purpose.kind === 'role' && purpose.role === role && !isAbsentFromRole(value),
    );
  }

  /** Puts a role's canonical parameter where a ready URL has it, in the place of an empty one. */
  insert(role: Role, value: string): void {
    const isEmptyOne = ({ purpose, value: held }: DraftParameter): boolean =>
      purpose.kind === 'role' && purpose.role === role && isAbsentFromRole(held);
    const kept = this.parameters.filter((parameter) => !isEmptyOne(parameter));
    const rank = ORDER.indexOf(role);
    const at = kept.findIndex(({ purpose }) => purpose.kind !== 'role' || ORDER.indexOf(purpose.role) > rank);
    const made = this.read({ rawName: CANONICAL_NAMES[role], raw: inUrl(value, this.syntax) });
    this.parameters = at === -1 ? [...kept, made] : [...kept.slice(0, at), made, ...kept.slice(at)];
  }

  /** The event as far as the URL itself says it: a word, or the macro that will hold one. */
  event(): string | null {
    return (
      this.ofRole('event').find(({ name }) => name.toLowerCase() === 'tracker.event')?.value ?? this.pathEvent
    );
  }

  /** The config that the URL was most likely made from. */
  config(): UrlConfig | null {
    const event = this.event();
    const known = event !== null && outcomeOf(event, this.target.recipe) === null ? null : event;
    return closestConfig(known, (config) => this.shared(config), this.target);
  }

  /** What belongs into a role: the text of the URL's config, of another config, or a macro the network is known to have. */
  expected(role: Exclude<Role, 'event'>): string | null {
    const { clickIdMacro, configs } = this.target;
    if (role === 'clickId') return clickIdMacro;
    const own = this.config()?.[role] ?? null;
    if (own !== null) return own;
    return configs.map((config) => config[role]).find((text) => text !== null) ?? null;
  }

  macros(value: string): readonly { readonly text: string; readonly name: string }[] {
    return macrosIn(value, this.syntax);
  }

  private shared(config: UrlConfig): number {
    const held = new Set(this.parameters.map(({ name, value }) => key(name, value)));
    return configParameters(config, this.target).filter(([name, value]) => held.has(key(name, value))).length;
  }

  private read(parameter: UrlParameter): DraftParameter {
    const name = nameOf(parameter);
    const value = valueOf(parameter);
    return {
      ...parameter,
      name,
      value,
      purpose: purposeOf(name, this.target.recipe),
      isOwn: this.own.has(key(name, parameter.raw)),
    };
  }
}

function key(name: string, value: string): string {
  return `${name.toLowerCase()}=${value}`;
}
