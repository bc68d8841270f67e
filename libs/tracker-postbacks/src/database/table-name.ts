import { type DataSource } from 'typeorm';

/** An entity's table for use in SQL, with the schema and prefix of the host's DataSource. */
export function tableName(dataSource: DataSource, entity: new () => object): string {
  return dataSource
    .getMetadata(entity)
    .tablePath.split('.')
    .map((part) => `"${part}"`)
    .join('.');
}
