import { type DataSource } from 'typeorm';
import { TrackerClick } from '../clicks/click.entity';
import { TrackerConversion } from '../conversions/conversion.entity';
import { databaseNow } from '../database/database-clock';
import { engineOf } from '../database/engine';
import { tableName } from '../database/table-name';
import { type TupleColumns, tuples } from '../database/tuples';
import { TrackerDelivery } from '../events/delivery.entity';
import { TrackerEventRow } from '../events/event.entity';
import { TrackerHandler } from '../events/handler.entity';
import { TrackerIntegration } from '../integrations/integration.entity';
import { TrackerPostback } from './postback.entity';

/** Rows that are changed to what other rows say. */
export interface Update {
  /** With its alias. */
  readonly rows: string;
  /** The table that is changed, its alias, and where its rows are found: by primary key. */
  readonly table: string;
  readonly alias: string;
  readonly on: string;
  /** Further LEFT JOINs. */
  readonly joins?: string;
  readonly set: readonly (readonly [column: string, value: string])[];
  readonly where: string;
}

/** What MySQL, MariaDB and SQLite write differently, and the tables by name. */
export class PortableDialect {
  readonly engine: 'mysql' | 'sqlite';
  readonly now: string;
  /** A join in the order it is written: rows first, then their table by its key, so that keys are locked in one order. */
  readonly then: string;
  /** SQLite's one writer has the whole database to itself. */
  readonly forUpdate: string;

  readonly clicks: string;
  readonly postbacks: string;
  readonly conversions: string;
  readonly events: string;
  readonly deliveries: string;
  readonly handlers: string;
  readonly integrations: string;

  constructor(dataSource: DataSource) {
    const engine = engineOf(dataSource);
    if (engine === 'postgres') throw new TypeError('PostgreSQL has statements of its own.');
    this.engine = engine;
    this.now = databaseNow(engine);
    const isMysql = engine === 'mysql';
    this.then = isMysql ? 'STRAIGHT_JOIN' : 'CROSS JOIN';
    this.forUpdate = isMysql ? ' FOR UPDATE' : '';
    const table = (entity: new () => object): string => tableName(dataSource, entity);
    this.clicks = table(TrackerClick);
    this.postbacks = table(TrackerPostback);
    this.conversions = table(TrackerConversion);
    this.events = table(TrackerEventRow);
    this.deliveries = table(TrackerDelivery);
    this.handlers = table(TrackerHandler);
    this.integrations = table(TrackerIntegration);
  }

  rows(variable: string, columns: TupleColumns): string {
    return tuples(this.engine, variable, columns);
  }

  update({ rows, table, alias, on, joins = '', set, where }: Update): string {
    if (this.engine === 'mysql') {
      const assigned = set.map(([column, value]) => `${alias}.${column} = ${value}`).join(', ');
      return `UPDATE ${rows} ${this.then} ${table} ${alias} ON ${on} ${joins} SET ${assigned} WHERE ${where}`;
    }
    const assigned = set.map(([column, value]) => `${column} = ${value}`).join(', ');
    return `UPDATE ${table} AS ${alias} SET ${assigned} FROM ${rows} ${joins} WHERE ${on} AND ${where}`;
  }
}
