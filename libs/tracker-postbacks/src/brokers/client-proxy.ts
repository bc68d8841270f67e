import { type Observable } from 'rxjs';

/**
 * As much of a `ClientProxy` of `@nestjs/microservices` as a hand-over takes, so that the package is needed only by
 * hosts that use it.
 */
export interface TrackerClientProxy {
  emit(pattern: string, data: unknown): Observable<unknown>;
  send(pattern: string, data: unknown): Observable<unknown>;
  /** The transport's own connection. */
  unwrap?(): unknown;
}

/** @internal */
export function isClientProxy(candidate: unknown): candidate is TrackerClientProxy {
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof (candidate as Partial<TrackerClientProxy>).emit === 'function' &&
    typeof (candidate as Partial<TrackerClientProxy>).send === 'function'
  );
}
