import { type ValueTransformer } from 'typeorm';

/**
 * Times are stored as milliseconds since the epoch: `timestamp` columns mean another instant in every session time
 * zone, and the portable column types of TypeORM have no `timestamptz`.
 */
export const epochMilliseconds: ValueTransformer = {
  to: (value: Date | null | undefined) => (value instanceof Date ? value.getTime() : value),
  // Drivers answer bigint as a string; milliseconds stay far below 2^53.
  from: (value: string | number | null) => (value === null ? null : new Date(Number(value))),
};

/** JSON in a text column: PostgreSQL's jsonb refuses `\u0000` and lone surrogates, text does not care. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (value: string | null) => (value === null ? null : (JSON.parse(value) as unknown)),
};
