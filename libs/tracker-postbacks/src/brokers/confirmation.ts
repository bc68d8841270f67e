import { inspect } from 'node:util';
import { type Observable, Subscription } from 'rxjs';
import { type TrackerClientProxy } from './client-proxy';

/** The broker, or whoever answered, did not take an event. */
export class HandoverError extends Error {
  override readonly name = 'HandoverError';
}

/** Resolves with the last value when the observable completes; given up when the attempt's time is over. */
export async function completed(work: Observable<unknown>, signal: AbortSignal): Promise<unknown> {
  const subscription = new Subscription();
  try {
    return await inTime(
      new Promise((resolve, reject) => {
        let last: unknown;
        subscription.add(
          work.subscribe({
            next: (value) => {
              last = value;
            },
            error: (error: unknown) => {
              reject(asError(error));
            },
            complete: () => {
              resolve(last);
            },
          }),
        );
      }),
      signal,
    );
  } finally {
    subscription.unsubscribe();
  }
}

/**
 * NATS' `emit` completes once the message is in the client's own buffer. Its connection answers a flush after the server
 * has taken everything before it, and rejects it when the connection breaks in between.
 */
export async function flushed(client: TrackerClientProxy, signal: AbortSignal): Promise<void> {
  const connection = nativeConnection(client);
  if (connection === null || typeof connection.flush !== 'function') return;
  await inTime(Promise.resolve(connection.flush()), signal);
}

/** A JetStream stream that keeps the subject answers instead of a consumer, also when it could not store. */
export function refuseFailure(reply: unknown): void {
  if (typeof reply !== 'object' || reply === null || !('error' in reply)) return;
  const { error } = reply as { readonly error: unknown };
  if (typeof error !== 'object' || error === null || !('code' in error)) return;
  const { description } = error as { readonly description?: unknown };
  throw new HandoverError(
    `It was not stored: ${typeof description === 'string' ? description : inspect(error)}.`,
  );
}

function nativeConnection(client: TrackerClientProxy): { readonly flush?: () => unknown } | null {
  try {
    const connection: unknown = client.unwrap?.();
    return typeof connection === 'object' && connection !== null ? connection : null;
  } catch {
    // A transport of the host's own may have none; one that is not connected has failed to emit already.
    return null;
  }
}

/** The signal's listener goes with the work: one of its sources lives as long as the application. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    giveUp = () => {
      reject(new HandoverError('Given up: the broker did not confirm in time.'));
    };
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', giveUp);
    // What is given up on may fail a moment later; nobody is left to hear it.
    work.catch(() => undefined);
  }
}

/** Nest's clients reject with strings and plain objects too. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  return new HandoverError(typeof error === 'string' ? error : inspect(error, { breakLength: Infinity }));
}
