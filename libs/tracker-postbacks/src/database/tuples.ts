import { type DatabaseEngine } from './engine';
import { jsonParameter } from './json-parameter';
import { EXACT_COLLATION, type RecordsetType } from './recordset';

type Engine = Exclude<DatabaseEngine, 'postgres'>;
type Values = Readonly<Record<string, unknown>>;

/** Names and types of a tuple's values, in their order; long texts had better be the last. */
export type TupleColumns = Readonly<Record<string, Exclude<RecordsetType, 'position'>>>;

/** Rows on their way into a statement. */
export interface SentTuples {
  /** For use after FROM or JOIN, with an alias. */
  readonly source: string;
  /** The value of the variable. */
  readonly parameter: string;
}

const MYSQL: Readonly<Record<TupleColumns[string], string>> = {
  text: `longtext CHARACTER SET utf8mb4 COLLATE ${EXACT_COLLATION}`,
  integer: 'bigint',
  boolean: 'tinyint',
};

/**
 * As {@link recordset}, of an array of arrays as {@link tuplesParameter} makes it: for the hot path, in one text that
 * can be prepared.
 */
export function tuples(engine: Engine, variable: string, columns: TupleColumns): string {
  return engine === 'mysql'
    ? `JSON_TABLE(${variable}, '$[*]' COLUMNS (${mysqlColumns(columns)}))`
    : sqliteSource(variable, columns);
}

/** The parameter of {@link tuples}; what a row does not have is NULL. */
export function tuplesParameter(rows: readonly object[], columns: TupleColumns): string {
  return jsonParameter(valuesOf(rows, Object.keys(columns)));
}

/**
 * The same for one batch. MariaDB reads a row's text from its beginning for each of its columns, which is most of what
 * storing a row costs: what all rows share is sent, and read, once. The text depends on what that is.
 *
 * @param together columns of which all are shared or none: there are to be few texts, so that they can be prepared
 */
export function sendTuples(
  engine: Engine,
  variable: string,
  rows: readonly object[],
  columns: TupleColumns,
  together: readonly (readonly string[])[] = [],
): SentTuples {
  if (engine === 'sqlite') {
    return { source: sqliteSource(variable, columns), parameter: tuplesParameter(rows, columns) };
  }
  const names = Object.keys(columns);
  const isShared = (name: string): boolean => isSame(rows as readonly Values[], name);
  const shared =
    rows.length === 1 ? names : together.flatMap((group) => (group.every(isShared) ? group : []));
  const own = names.filter((name) => !shared.includes(name));
  const table = (path: string, picked: readonly string[]): string =>
    picked.length === 0
      ? ''
      : `JSON_TABLE(${variable}, '${path}' COLUMNS (${mysqlColumns(
          Object.fromEntries(picked.map((name) => [name, columns[name] ?? 'text'])),
        )}))`;
  const sharedNames = names.filter((name) => shared.includes(name));
  const [once, each] = [table('$.s', sharedNames), table('$.r[*]', own)];
  const parameter = jsonParameter({
    s: valuesOf(rows.slice(0, 1), sharedNames)[0] ?? [],
    r: valuesOf(rows, own),
  });
  if (once === '' || each === '') return { source: `${once}${each}`, parameter };
  // The server takes the inner query apart again: it only gives both parts one alias.
  const selected = names.map((name) => `${own.includes(name) ? 'r' : 's'}.\`${name}\``);
  return {
    source: `(SELECT ${selected.join(', ')} FROM ${once} s STRAIGHT_JOIN ${each} r)`,
    parameter,
  };
}

function isSame(rows: readonly Values[], name: string): boolean {
  const first = rows[0]?.[name] ?? null;
  return rows.every((row) => (row[name] ?? null) === first);
}

function valuesOf(rows: readonly object[], names: readonly string[]): readonly (readonly unknown[])[] {
  return (rows as readonly Values[]).map((row) => names.map((name) => row[name] ?? null));
}

function mysqlColumns(columns: TupleColumns): string {
  return Object.entries(columns)
    .map(([name, type], at) => `\`${name}\` ${MYSQL[type]} PATH '$[${at}]' ERROR ON ERROR`)
    .join(', ');
}

function sqliteSource(variable: string, columns: TupleColumns): string {
  const selected = Object.entries(columns).map(([name, type], at) => {
    const value = `json_extract(value, '$[${at}]')`;
    return `${type === 'integer' ? `CAST(${value} AS INTEGER)` : value} AS "${name}"`;
  });
  return `(SELECT ${selected.join(', ')} FROM json_each(${variable}))`;
}
