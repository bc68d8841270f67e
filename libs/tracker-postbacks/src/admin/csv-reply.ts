import { type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import { csvHead, csvRows, type CsvColumn } from './csv';

/** Fastify's reply, as far as it differs from Node's response, which Express's is. */
interface FastifyReply {
  readonly raw: ServerResponse;
  header(name: string, value: string): this;
  send(payload: Readable | string): unknown;
}

/** A table on its way out, a batch at a time. */
export interface CsvTable<R> {
  /** Without `.csv`. */
  readonly fileName: string;
  readonly columns: readonly CsvColumn<R>[];
  readonly batches: AsyncIterable<readonly R[]>;
}

/**
 * Answers a table of any size as a file, past the host's interceptors. Each batch is asked for when the one before is on
 * its way, so memory holds one of them however slowly the client reads; a client that goes away ends the asking.
 */
@Injectable()
export class CsvReply {
  private readonly logger = new Logger(CsvReply.name);

  /**
   * Answers; what the first batch throws is thrown, so that it is answered like any other refusal. Later the connection is
   * cut: half a file must not look like a whole one.
   */
  async send<R>(
    request: Pick<IncomingMessage, 'method'>,
    response: unknown,
    { fileName, columns, batches }: CsvTable<R>,
  ): Promise<void> {
    const headers = {
      'Content-Type': 'text/csv; charset=utf-8; header=present',
      'Content-Disposition': `attachment; filename="${fileName}.csv"`,
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    };
    const rows = batches[Symbol.asyncIterator]();
    const first = await rows.next();
    const isHead = request.method === 'HEAD';
    if (isHead) await rows.return?.();
    const text = isHead
      ? Readable.from([])
      : Readable.from(texts(columns, first, rows), { highWaterMark: 1 });
    if (isFastify(response)) {
      for (const [name, value] of Object.entries(headers)) response.header(name, value);
      // Fastify pipes it as its hooks want it, and destroys the socket when it fails.
      text.on('error', (error) => {
        this.cut(fileName, error);
      });
      response.send(isHead ? '' : text);
      return;
    }
    const node = response as ServerResponse;
    for (const [name, value] of Object.entries(headers)) node.setHeader(name, value);
    try {
      await pipeline(text, node);
    } catch (error) {
      this.cut(fileName, error);
    }
  }

  private cut(fileName: string, error: unknown): void {
    // Our own doing: the client went away.
    if ((error as { code?: unknown } | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    this.logger.error(
      `${fileName}.csv was cut off: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function* texts<R>(
  columns: readonly CsvColumn<R>[],
  first: IteratorResult<readonly R[], unknown>,
  rows: AsyncIterator<readonly R[], unknown>,
): AsyncGenerator<string, void> {
  try {
    yield csvHead(columns);
    for (let next = first; next.done !== true; next = await rows.next()) {
      if (next.value.length > 0) yield csvRows(columns, next.value);
    }
  } finally {
    await rows.return?.();
  }
}

function isFastify(response: unknown): response is FastifyReply {
  return 'raw' in (response as object) && typeof (response as Partial<FastifyReply>).header === 'function';
}
