import { type DatabaseEngine } from './engine';

/**
 * What a column of a recordset holds.
 * - `text`: any text, compared byte by byte.
 * - `integer`: up to 64 bits, also given as a string.
 * - `boolean`: 1 and 0.
 * - `position`: the row's place in the array, from 1 on.
 */
export type RecordsetType = 'text' | 'integer' | 'boolean' | 'position';

/**
 * Stands for the server's collation that compares byte by byte, blanks at the end included: MySQL and MariaDB call it
 * differently. {@link TrackerDatabase} puts the name in.
 */
export const EXACT_COLLATION = 'utf8mb4_exact';

const MYSQL: Readonly<Record<Exclude<RecordsetType, 'position'>, string>> = {
  // Without a character set it has the database's, and what that cannot hold is NULL.
  text: `longtext CHARACTER SET utf8mb4 COLLATE ${EXACT_COLLATION}`,
  integer: 'bigint',
  boolean: 'tinyint',
};

/**
 * One JSON parameter as rows, for use after FROM or JOIN: an array of objects whose keys are the columns' names. What an
 * object does not have is NULL.
 *
 * @param variable as it is called in the statement: `@clicks`
 * @example `... FROM ${recordset('mysql', '@clicks', { t: 'text', c: 'text' })} w JOIN ...`
 */
export function recordset(
  engine: Exclude<DatabaseEngine, 'postgres'>,
  variable: string,
  columns: Readonly<Record<string, RecordsetType>>,
): string {
  const entries = Object.entries(columns);
  if (engine === 'mysql') {
    const defined = entries.map(([name, type]) =>
      type === 'position'
        ? `\`${name}\` FOR ORDINALITY`
        : `\`${name}\` ${MYSQL[type]} PATH '$.${name}' ERROR ON ERROR`,
    );
    return `JSON_TABLE(${variable}, '$[*]' COLUMNS (${defined.join(', ')}))`;
  }
  const selected = entries.map(([name, type]) => `${sqliteValue(name, type)} AS "${name}"`);
  return `(SELECT ${selected.join(', ')} FROM json_each(${variable}))`;
}

function sqliteValue(name: string, type: RecordsetType): string {
  if (type === 'position') return 'key + 1';
  const value = `json_extract(value, '$.${name}')`;
  return type === 'integer' ? `CAST(${value} AS INTEGER)` : value;
}
