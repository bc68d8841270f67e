import { QueryFailedError } from 'typeorm';
import { type DatabaseFailure, failureOf, isDuplicateKey, sqlState } from './database-error';

const postgres = (code: string): Error => Object.assign(new Error('refused'), { code });
const mysql = (errno: number, state: string, code = 'ER_SOMETHING'): Error =>
  Object.assign(new Error('refused'), { code, errno, sqlState: state });
const sqlite = (code: string, message = 'refused'): Error => Object.assign(new Error(message), { code });

const CASES: readonly [string, DatabaseFailure, Error][] = [
  ['a deadlock on PostgreSQL', 'conflict', postgres('40P01')],
  ['a serialization failure on PostgreSQL', 'conflict', postgres('40001')],
  ['a taken key on PostgreSQL', 'data', postgres('23505')],
  ['a value too long on PostgreSQL', 'data', postgres('22001')],
  ['a missing table on PostgreSQL', 'unavailable', postgres('42P01')],
  ['a shutdown of PostgreSQL', 'unavailable', postgres('57P01')],
  ['a full disk of PostgreSQL', 'unavailable', postgres('53100')],
  ['a deadlock on MySQL', 'conflict', mysql(1213, '40001', 'ER_LOCK_DEADLOCK')],
  ['a lock not had in time on MySQL', 'conflict', mysql(1205, 'HY000', 'ER_LOCK_WAIT_TIMEOUT')],
  ['a row changed since it was read on MariaDB', 'conflict', mysql(1020, 'HY000', 'ER_CHECKREAD')],
  ['a taken key on MySQL', 'data', mysql(1062, '23000', 'ER_DUP_ENTRY')],
  ['a value too long on MySQL', 'data', mysql(1406, '22001', 'ER_DATA_TOO_LONG')],
  ['a character its column has not on MySQL', 'data', mysql(1366, 'HY000')],
  ['a statement too long for MySQL', 'data', mysql(1153, '08S01', 'ER_NET_PACKET_TOO_LARGE')],
  ['broken JSON on MariaDB', 'data', mysql(4038, 'HY000')],
  ['broken JSON on MySQL', 'data', mysql(3141, '22032')],
  ['a missing table on MySQL', 'unavailable', mysql(1146, '42S02', 'ER_NO_SUCH_TABLE')],
  ['a right that is missing on MySQL', 'unavailable', mysql(1142, '42000', 'ER_TABLEACCESS_DENIED_ERROR')],
  ['a server that only reads', 'unavailable', mysql(1290, 'HY000', 'ER_OPTION_PREVENTS_STATEMENT')],
  ['a shutdown of MySQL', 'unavailable', mysql(1053, '08S01', 'ER_SERVER_SHUTDOWN')],
  ['too many connections', 'unavailable', mysql(1040, '08004', 'ER_CON_COUNT_ERROR')],
  ['a time limit of the server', 'unavailable', mysql(3024, 'HY000', 'ER_QUERY_TIMEOUT')],
  ['a lost connection', 'unavailable', sqlite('PROTOCOL_CONNECTION_LOST')],
  ['a refused connection', 'unavailable', Object.assign(new Error(), { code: 'ECONNREFUSED', errno: -111 })],
  ['a locked SQLite file', 'conflict', sqlite('SQLITE_BUSY')],
  ['a SQLite snapshot that is too old', 'conflict', sqlite('SQLITE_BUSY_SNAPSHOT')],
  ['a taken key on SQLite', 'data', sqlite('SQLITE_CONSTRAINT_PRIMARYKEY')],
  ['a missing value on SQLite', 'data', sqlite('SQLITE_CONSTRAINT_NOTNULL')],
  ['broken JSON on SQLite', 'data', sqlite('SQLITE_ERROR', 'malformed JSON')],
  ['a missing table on SQLite', 'unavailable', sqlite('SQLITE_ERROR', 'no such table: tracker_clicks')],
  ['a full disk of SQLite', 'unavailable', sqlite('SQLITE_FULL')],
  ['something thrown without a code', 'unavailable', new TypeError('x is not a function')],
];

describe('what an error of the database means', () => {
  it.each(CASES)('%s is %s', (_, failure, error) => {
    expect(failureOf(error)).toBe(failure);
    expect(failureOf(new QueryFailedError('SELECT 1', [], error))).toBe(failure);
  });

  it.each([null, undefined, 'text', 7])('%p, thrown, is nobody to be asked', (thrown) => {
    expect(failureOf(thrown)).toBe('unavailable');
    expect(sqlState(thrown)).toBeNull();
  });

  it('knows a taken key on every engine', () => {
    const taken = CASES.filter(([, , error]) => isDuplicateKey(error)).map(([name]) => name);
    expect(taken).toEqual(['a taken key on PostgreSQL', 'a taken key on MySQL', 'a taken key on SQLite']);
  });
});
