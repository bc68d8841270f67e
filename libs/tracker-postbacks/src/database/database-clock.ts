/** The database's clock in milliseconds since the epoch: one clock for leases and due times of all processes. It is that of
 * the statement's start: only a value that does not change within it can be looked up in an index. */
export const databaseNow = `(extract(epoch from statement_timestamp()) * 1000)::bigint`;
