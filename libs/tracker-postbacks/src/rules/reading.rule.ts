import { readIds } from './click-id.rule';
import { compiledOf, type CompiledRecipe } from './compiled-recipe';
import { readCost } from './cost.rule';
import { APPENDED_QUERY } from './damage.rule';
import { readEvent } from './event.rule';
import { isFieldParameter, readFields } from './fields.rule';
import { isMacroName, isOtherMacro } from './macros.rule';
import { ParameterIndex } from './parameter-index';
import { MAX_PARAMETERS, parameterOf, parametersOf, type Parameter } from './parameters.rule';
import { type FlatRecord, type PostbackRequest, type Reading } from './reading';
import { type Recipe } from './recipe';
import { requestHashOf } from './request-hash';
import { trimmed } from './text.rule';
import { WarningList } from './warnings';

/**
 * Everything one request says under a recipe, before anything is known about clicks or history. Pure, and total: every
 * text has a reading.
 */
export function read(request: PostbackRequest, recipe: Recipe): Reading {
  const warnings = new WarningList();
  const list = parametersOf(request);
  warnings.addAll(list.warnings);
  const compiled = compiledOf(recipe);
  const parameters = withoutMacroNames(withAppendedQueries(list.parameters, compiled, warnings), warnings);
  const path = parameters.find((parameter) => parameter.source === 'path') ?? null;
  const index = new ParameterIndex(parameters.filter((parameter) => parameter.source !== 'path'));

  const event = readEvent(path, index, recipe, warnings);
  const { clickId, tid, tooLarge } = readIds(index, recipe, warnings);
  const { cost, costRaw, currency } = readCost(event, index, recipe, warnings);
  const fields = readFields(parameters, index, recipe, warnings);
  const params = readParams(parameters, compiled, warnings);
  return {
    event,
    clickId,
    cost,
    costRaw,
    currency,
    tid,
    fields,
    params,
    warnings: warnings.all(),
    tooLarge,
    requestHash: requestHashOf(list.parameters),
  };
}

/** `{status}=true` is a name that the network did not fill in: it says nothing. */
function withoutMacroNames(parameters: readonly Parameter[], warnings: WarningList): readonly Parameter[] {
  return parameters.filter(({ name }) => {
    if (!isMacroName(name)) return true;
    warnings.add('macro_in_name', name);
    return false;
  });
}

/** `tracker.event=sale?click_id=A`: networks append `?…` to a URL that already has a query. */
function withAppendedQueries(
  parameters: readonly Parameter[],
  { appendableNames }: CompiledRecipe,
  warnings: WarningList,
): readonly Parameter[] {
  const isAppendable = ({ name, raw, source }: Parameter): boolean =>
    (source === 'query' || source === 'form') && raw.includes('?') && appendableNames.has(name.toLowerCase());
  if (!parameters.some(isAppendable)) return parameters;
  const all: Parameter[] = [];
  for (const parameter of parameters) {
    let last = parameter;
    while (isAppendable(last) && all.length < MAX_PARAMETERS) {
      const mark = last.raw.search(APPENDED_QUERY);
      if (mark === -1) break;
      warnings.add('url_repaired', last.name);
      all.push({ ...parameterOf(`=${last.raw.slice(0, mark)}`, last.source).parameter, name: last.name });
      last = parameterOf(last.raw.slice(mark + 1), last.source).parameter;
    }
    all.push(last);
  }
  return all;
}

/** What plays no role and fills no field, verbatim; of repeated keys the first. */
function readParams(
  parameters: readonly Parameter[],
  { usedNames }: CompiledRecipe,
  warnings: WarningList,
): FlatRecord {
  const params = Object.create(null) as Record<string, string>;
  for (const { name, value, source } of parameters) {
    if (source === 'path' || usedNames.has(name.toLowerCase()) || isFieldParameter(name)) continue;
    const kept = params[name];
    if (kept === undefined) params[name] = value;
    else if (kept !== value) warnings.add('parameter_differs', name, { value, used: kept });
    const shown = trimmed(value);
    if (isOtherMacro(shown)) warnings.add('macro_unreplaced', name, { value: shown });
  }
  return params;
}
