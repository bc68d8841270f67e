/** The database's clock in milliseconds since the epoch: one clock for leases and due times of all processes. */
export const databaseNow = `(extract(epoch from clock_timestamp()) * 1000)::bigint`;
