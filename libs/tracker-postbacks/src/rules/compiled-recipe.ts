import { type RolePlace } from './macros.rule';
import { CANONICAL, type EventSource, type Recipe, type Role } from './recipe';

/** A composite cut into literal text and parameter names: `{goal}_{status}`. */
export type TemplatePart =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'parameter'; readonly name: string };

/** A parameter that is tried for a role, and what its values are compared with. */
export interface NamedPlace extends RolePlace {
  readonly parameter: string;
}

type ValueRole = Exclude<Role, 'event'>;

/** What is worked out once per recipe; all names are lower-case. */
export interface CompiledRecipe {
  /** Names that play a role or fill a custom field, and so are not `params`. */
  readonly usedNames: ReadonlySet<string>;
  /** Names in whose values a second `?name=` is read as `&name=`. */
  readonly appendableNames: ReadonlySet<string>;
  /** Per role, in the order they are tried. */
  readonly places: Readonly<Record<ValueRole, readonly NamedPlace[]>>;
  /** Composites of the transaction id. */
  readonly tidTemplates: readonly string[];
}

const compiled = new WeakMap<Recipe, CompiledRecipe>();
const PLACEHOLDER = /\{([^{}]+)\}/;

/** Recipes live as long as their integration is unchanged, so each is compiled once. */
export function compiledOf(recipe: Recipe): CompiledRecipe {
  const known = compiled.get(recipe);
  if (known !== undefined) return known;
  const made = compile(recipe);
  compiled.set(recipe, made);
  return made;
}

function compile(recipe: Recipe): CompiledRecipe {
  const appendable = [
    ...CANONICAL.event,
    ...CANONICAL.clickId,
    ...CANONICAL.currency,
    ...CANONICAL.tid,
    ...recipe.event.flatMap(namesOf),
    ...recipe.clickId,
    ...recipe.currency,
    ...recipe.tid.flatMap((name) => (isTemplate(name) ? parametersIn(name) : [name])),
  ];
  const used = [
    ...appendable,
    ...CANONICAL.cost,
    ...recipe.cost,
    ...(recipe.amountRule?.add ?? []),
    ...recipe.fields.map((field) => field.parameter),
  ];
  return {
    usedNames: lowerSet(used),
    appendableNames: lowerSet(appendable),
    places: {
      clickId: placesOf('clickId', recipe),
      cost: placesOf('cost', recipe),
      currency: placesOf('currency', recipe),
      tid: placesOf('tid', recipe),
    },
    tidTemplates: recipe.tid.filter(isTemplate),
  };
}

function placesOf(role: ValueRole, recipe: Recipe): readonly NamedPlace[] {
  const byLowerName = new Map<string, NamedPlace>();
  const words = { knownWords: recipe.knownWords[role], bareWords: recipe.bareWords[role] };
  for (const parameter of [...CANONICAL[role], ...recipe[role]]) {
    if (role === 'tid' && isTemplate(parameter)) continue;
    const name = parameter.toLowerCase();
    if (!byLowerName.has(name)) byLowerName.set(name, { parameter, ...words });
  }
  return [...byLowerName.values()];
}

function lowerSet(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => name.toLowerCase()));
}

/** The parameters an event source reads. */
function namesOf(source: EventSource): readonly string[] {
  return source.kind === 'composite' ? parametersIn(source.template) : [source.name];
}

function parametersIn(template: string): readonly string[] {
  return templateParts(template).flatMap((part) => (part.kind === 'parameter' ? [part.name] : []));
}

/** Whether a name is a composite: `{order_id}_{pay_sequence_no}`. */
function isTemplate(name: string): boolean {
  return PLACEHOLDER.test(name);
}

export function templateParts(template: string): readonly TemplatePart[] {
  // split() with a capture group alternates text and name.
  return template
    .split(PLACEHOLDER)
    .map((text, position): TemplatePart =>
      position % 2 === 0 ? { kind: 'text', text } : { kind: 'parameter', name: text },
    );
}
