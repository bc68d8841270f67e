/** The part of autocannon 9 that the bench uses; the package brings no types. */
declare module 'autocannon' {
  import { type EventEmitter } from 'node:events';

  namespace autocannon {
    /** Anything that goes with one request. */
    interface Context {
      n?: number;
    }
    interface Request {
      path: string;
      /** Before each request. The context is that request's own. */
      setupRequest?: (request: Request, context: Context) => Request;
      onResponse?: (status: number, body: string, context: Context) => void;
    }
    interface Options {
      readonly url: string;
      readonly connections: number;
      readonly pipelining: number;
      /** Seconds. */
      readonly duration: number;
      /** Seconds until a request without an answer counts as an error. */
      readonly timeout: number;
      readonly requests: Request[];
      readonly verifyBody: (body: string) => boolean;
    }
    interface Result {
      /** Seconds. */
      readonly duration: number;
      readonly errors: number;
      readonly timeouts: number;
      /** Replies whose body was not as expected. */
      readonly mismatches: number;
    }
    interface Instance extends EventEmitter, PromiseLike<Result> {
      on(
        event: 'response',
        listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
      ): this;
    }
  }

  function autocannon(options: autocannon.Options): autocannon.Instance;
  export = autocannon;
}
