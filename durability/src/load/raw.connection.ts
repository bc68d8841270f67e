import { connect, type Socket } from 'node:net';
import { type RawReply, type RawRequest, readReply } from './raw.request';

/** What came of a raw request. */
export type RawOutcome =
  | { readonly kind: 'reply'; readonly reply: RawReply }
  /** The server closed the connection without a word. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'silent' };

/** One keep-alive connection that says exactly the bytes it is given. */
export class RawConnection {
  private socket: Socket | undefined;

  constructor(
    private readonly port: number,
    private readonly patienceMs: number,
  ) {}

  ask({ bytes, isHead, isCutOff }: RawRequest): Promise<RawOutcome> {
    const socket = (this.socket ??= this.open());
    return new Promise((resolve) => {
      let received: Buffer = Buffer.alloc(0);
      const settle = (outcome: RawOutcome, keep: boolean): void => {
        clearTimeout(timer);
        socket.removeAllListeners();
        socket.on('error', () => undefined);
        if (!keep) this.drop();
        resolve(outcome);
      };
      const look = (ended: boolean): boolean => {
        const found = readReply(received, isHead, ended);
        if (found === null) return false;
        settle({ kind: 'reply', reply: found.reply }, !ended && !isCutOff && isKept(found.reply));
        return true;
      };
      const timer = setTimeout(() => {
        settle({ kind: 'silent' }, false);
      }, this.patienceMs);
      socket.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        look(false);
      });
      socket.once('close', () => {
        if (!look(true)) settle({ kind: 'closed' }, false);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') settle({ kind: 'refused', error: error.code }, false);
      });
      if (isCutOff) socket.end(bytes);
      else socket.write(bytes);
    });
  }

  drop(): void {
    this.socket?.destroy();
    this.socket = undefined;
  }

  private open(): Socket {
    return connect({ port: this.port, host: '127.0.0.1', noDelay: true });
  }
}

/** Fastify answers a broken head without saying that it closes the connection: only a verdict is followed by more. */
function isKept({ isLast, body }: RawReply): boolean {
  return !isLast && body.includes('"postbackId"');
}
