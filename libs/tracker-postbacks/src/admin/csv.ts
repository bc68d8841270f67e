import { stringify } from 'csv-stringify/sync';

/** One column of a table, in order. */
export interface CsvColumn<R> {
  readonly name: string;
  readonly value: (row: R) => string | null;
  /** Holds canonical amounts, which stay numbers even below zero. @default false */
  readonly amount?: boolean;
}

/** Excel takes a file without it for one in the system's old code page. */
const BYTE_ORDER_MARK = '\ufeff';
/** What spreadsheets begin a formula with, or skip before one. */
const FORMULA = /^[=+\-@\t\r]/;
const AMOUNT = /^-?\d+(?:\.\d+)?$/;

/** The line with the names of the columns, at the beginning of a file. */
export function csvHead<R>(columns: readonly CsvColumn<R>[]): string {
  return BYTE_ORDER_MARK + lines([columns.map(({ name }) => name)]);
}

/** Rows as RFC 4180 has them; nothing in them is taken for a formula by a spreadsheet. */
export function csvRows<R>(columns: readonly CsvColumn<R>[], rows: readonly R[]): string {
  return lines(
    rows.map((row) =>
      columns.map(({ value, amount }) => {
        const text = value(row) ?? '';
        return FORMULA.test(text) && !(amount === true && AMOUNT.test(text)) ? `'${text}` : text;
      }),
    ),
  );
}

function lines(cells: readonly (readonly string[])[]): string {
  return stringify(
    cells.map((line) => [...line]),
    // It looks for whole record delimiters only, and a single CR or LF ends a line just as well for most readers.
    { record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
  );
}
