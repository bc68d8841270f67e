/** As many values as a list in one statement may have on every engine, with room for the statement's other parameters. */
const MOST_VALUES = 1_000;

/** A list in pieces that fit into one statement each. */
export function* portions<T>(values: readonly T[], size = MOST_VALUES): Generator<readonly T[], void> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size);
}
