import { type DataSource } from 'typeorm';
import { engineOf } from './engine';

/** An entity's table for use in SQL, with the schema and prefix of the host's DataSource. */
export function tableName(dataSource: DataSource, entity: new () => object): string {
  const quote = engineOf(dataSource) === 'mysql' ? '`' : '"';
  return dataSource
    .getMetadata(entity)
    .tablePath.split('.')
    .map((part) => `${quote}${part}${quote}`)
    .join('.');
}
