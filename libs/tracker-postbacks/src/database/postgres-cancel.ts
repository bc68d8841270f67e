import { connect } from 'node:net';
import { CONNECT_MS } from './time-limit';

/** As much of node-postgres' client as tells which statement of which server is meant. */
export interface CancellableClient {
  readonly host?: string;
  readonly port?: number;
  readonly processID?: unknown;
  readonly secretKey?: unknown;
}

/** The number that says in place of a protocol version that a statement is to be cancelled. */
const CANCEL = 80_877_102;

/**
 * Asks the server to stop what a client is waiting for: it would go on with a statement whose client is gone. By the
 * protocol's own request, because it is safe behind a pooler, where a process id or a session's settings are another
 * client's a moment later. Nothing answers it; a server out of reach is not stopped.
 */
export function cancelStatement({ host, port, processID, secretKey }: CancellableClient): void {
  if (host === undefined || port === undefined) return;
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const request = Buffer.alloc(16);
  [request.length, CANCEL, processID, secretKey].forEach((value, index) => {
    request.writeInt32BE(value | 0, index * 4);
  });
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
  socket.setTimeout(CONNECT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('connect', () => socket.end(request));
  socket.resume();
  socket.unref();
}
