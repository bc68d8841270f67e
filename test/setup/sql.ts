import { type DataSource } from 'typeorm';

/**
 * A statement of a test on every engine: its parameters are `$1` …, as on PostgreSQL. Counts and booleans come as the
 * driver has them: wrap them in `Number()`.
 */
export async function sqlOn<R = Record<string, unknown>>(
  dataSource: DataSource,
  statement: string,
  ...parameters: readonly unknown[]
): Promise<R[]> {
  if (dataSource.options.type === 'postgres') return dataSource.query(statement, [...parameters]);
  const values: unknown[] = [];
  const text = statement.replace(/\$(\d+)/g, (_, n: string) => {
    values.push(parameters[Number(n) - 1]);
    return '?';
  });
  return dataSource.query(text, values);
}
