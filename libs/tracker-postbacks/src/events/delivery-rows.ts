import { type TupleColumns } from '../database/tuples';
import { type DeliveryError } from './delivery.entity';
import { type StatementInput } from '../database/database-connection';
import {
  type Claim,
  type ClaimedDelivery,
  type DeliveryResult,
  type HandlerPlaces,
  SETTLED_MS,
} from './delivery-store.types';

/** Columns of a lease as one parameter. */
export const LEASE = { id: 'integer', token: 'text' } as const satisfies TupleColumns;

/** Columns of a {@link ResultRow} as one parameter. */
export const RESULT = {
  ...LEASE,
  status: 'text',
  retry_in: 'integer',
  errors: 'text',
} as const satisfies TupleColumns;

/** A claimed delivery as a driver or the database's JSON answers it. */
export interface ClaimedRow {
  readonly id: string | number;
  readonly handler: string;
  readonly attempt: string | number;
  readonly crashes: string | number;
  readonly errors: string | null;
  readonly eventId: string;
  readonly eventSeq: string | number;
  readonly name: string;
  readonly payload: string;
  readonly erased: boolean | string | number;
}

export function claimedDelivery(row: ClaimedRow, token: string): ClaimedDelivery {
  return {
    id: String(row.id),
    token,
    handler: row.handler,
    attempt: Number(row.attempt),
    crashes: Number(row.crashes),
    eventId: row.eventId,
    eventSeq: String(row.eventSeq),
    name: row.name,
    payload: row.payload,
    erased: Number(row.erased) === 1,
    errors: row.errors === null ? [] : (JSON.parse(row.errors) as DeliveryError[]),
  };
}

/** A result as the statements want it. */
export interface ResultRow {
  readonly id: string;
  readonly token: string;
  readonly status: DeliveryResult['status'];
  readonly retry_in: number;
  /** JSON text. */
  readonly errors: string | null;
}

export function resultRow({ id, token, status, retryIn, errors }: DeliveryResult): ResultRow {
  return { id, token, status, retry_in: retryIn, errors: errors === null ? null : JSON.stringify(errors) };
}

/** `handler0`, `places0`, `since0`, `handler1` …: what the statements of a claim are given. */
export function placesOf(handlers: readonly HandlerPlaces[]): Readonly<Record<string, StatementInput>> {
  const named = handlers.flatMap(
    ({ handler, places, since }, n): readonly (readonly [string, StatementInput])[] => [
      [`handler${n}`, handler],
      [`places${n}`, places],
      [`since${n}`, since],
    ],
  );
  return Object.fromEntries(named);
}

/** What a claim looked at of a handler. */
export interface Look {
  readonly handler: string;
  /** How many rows. */
  readonly seen: number | string | null;
  /** When the last of them was due. */
  readonly last: number | string | null;
  /** When the first of them was due that could run and found no place. */
  readonly untaken: number | string | null;
  /** How many suspects among them could run and were not taken. */
  readonly suspects: number | string | null;
}

/** @param now of the database, milliseconds since the epoch */
export function outlook(
  looks: readonly Look[],
  look: number,
  now: number,
): Pick<Claim, 'next' | 'suspected'> {
  return {
    next: new Map(
      looks.map(({ handler, seen, last, untaken }) => [
        handler,
        Number(untaken ?? (Number(seen) < look ? null : last) ?? now - SETTLED_MS),
      ]),
    ),
    suspected: looks.flatMap(({ handler, suspects }) => (Number(suspects) > 0 ? [handler] : [])),
  };
}
