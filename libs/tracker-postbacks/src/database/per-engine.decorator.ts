import { type DataSource, type EntityMetadata, type ValueTransformer } from 'typeorm';
import { engineOf } from './engine';

type Column = EntityMetadata['columns'][number];

/** By index, the columns it has on MySQL instead of those of its partial index elsewhere; null where there is none. */
export type MysqlIndexes = Readonly<Record<string, readonly string[] | null>>;

/**
 * Lets an entity be one on every engine. A decorator names a column's type before any engine is known, and no one name
 * fits them all: MySQL's `text` ends at 64 KB, its `uuid` exists on MariaDB only, and SQLite counts up nothing but an
 * `integer` primary key.
 *
 * TypeORM tells every entity that has the three functions of its BaseEntity which DataSource it has just been read for,
 * before any table is looked at; that is when its columns are adapted.
 */
export function PerEngine(mysqlIndexes: MysqlIndexes = {}): ClassDecorator {
  return (target) => {
    const functions = {
      useDataSource: (dataSource: DataSource) => {
        adapt(dataSource, dataSource.getMetadata(target), mysqlIndexes);
      },
      // Asked for, never called.
      hasId: () => false,
      save: () => undefined,
    };
    for (const [name, value] of Object.entries(functions)) Object.defineProperty(target, name, { value });
  };
}

function adapt(dataSource: DataSource, metadata: EntityMetadata, mysqlIndexes: MysqlIndexes): void {
  const engine = engineOf(dataSource);
  if (engine === 'mysql') {
    metadata.columns.forEach(adaptToMysql);
    adaptIndexes(metadata, mysqlIndexes);
  }
  if (engine === 'sqlite') metadata.columns.forEach(adaptToSqlite);
}

function adaptToMysql(column: Column): void {
  if (column.type === 'uuid') asText(column);
  else if (column.type === 'text') column.type = 'mediumtext';
}

function adaptToSqlite(column: Column): void {
  if (column.type === 'uuid') asText(column);
  if (column.type !== 'bigint') return;
  // The other drivers answer a bigint as a string, and that is what the entities say.
  column.transformer ??= bigintAsString;
  if (column.isGenerated) column.type = 'integer';
}

/** A UUID as text sorts by its first digit first on every engine, and that is the time in one of version 7. */
function asText(column: Column): void {
  column.type = 'varchar';
  column.length = '36';
}

function adaptIndexes(metadata: EntityMetadata, mysqlIndexes: MysqlIndexes): void {
  const { columns } = metadata;
  metadata.indices = metadata.indices.filter(({ name }) => mysqlIndexes[name] !== null);
  for (const index of metadata.indices) {
    const names = mysqlIndexes[index.name];
    if (names === undefined || names === null) continue;
    index.columns = names.flatMap((name) => columns.filter(({ databaseName }) => databaseName === name));
  }
}

const bigintAsString: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | number | null) => (value === null ? null : String(value)),
};
