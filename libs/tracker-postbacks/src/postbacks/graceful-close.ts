import { type Server } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

/** Who sent something so lately may be about to send again on the same connection. */
const LATELY_MS = 1_000;
/** Nothing came for so long: nobody is about to. */
const QUIET_MS = 30;
/** How long the door stays open for connections to be given up by those who keep sending. */
const FAREWELL_MS = 300;
/** A postback that was taken is answered within 5 s in every case. */
const ANSWERED_MS = 5_500;
/** What is on its way on an open connection arrives within this. */
const LAST_WORDS_MS = 100;
const LOOK_EVERY_MS = 5;

/**
 * Whoever has sent a postback gets its answer, also while the application closes. Left alone, Fastify answers 503 to
 * everything that arrives on open connections once it is being closed, and Express never closes while a sender goes on
 * using its connection. So the adapter's `close` waits: connections are given up with their next reply, the door is
 * shut, what is inside is answered, and only then the adapter closes.
 */
@Injectable()
export class GracefulClose implements OnModuleInit, OnModuleDestroy {
  private closing = false;
  private underWay = 0;
  private last = -Infinity;

  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** Replies end their connection: the sender's next postback goes elsewhere. */
  get isClosing(): boolean {
    return this.closing;
  }

  onModuleInit(): void {
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    // An application context has none.
    if (adapter == null) return;
    const close = adapter.close.bind(adapter) as () => unknown;
    adapter.close = async (): Promise<unknown> => {
      await this.sayFarewell(adapter.getHttpServer() as Server | undefined);
      return close();
    };
  }

  onModuleDestroy(): void {
    this.closing = true;
  }

  /** A postback came in. */
  enter(): void {
    this.underWay++;
    this.last = performance.now();
  }

  /** It is answered. */
  leave(): void {
    this.underWay--;
    this.last = performance.now();
  }

  private async sayFarewell(server: Server | undefined): Promise<void> {
    this.closing = true;
    // An application that was never asked for a postback, as in a host's own tests, closes as it always did.
    if (server?.listening !== true || this.silence() > LATELY_MS) return;
    await this.until(() => this.silence() > QUIET_MS, FAREWELL_MS);
    let isEmpty = false;
    server.close(() => {
      isEmpty = true;
    });
    await this.until(() => isEmpty || (this.underWay === 0 && this.silence() > LAST_WORDS_MS), ANSWERED_MS);
  }

  /** Milliseconds since a postback came or went. */
  private silence(): number {
    return performance.now() - this.last;
  }

  private async until(isSo: () => boolean, patienceMs: number): Promise<void> {
    for (const end = performance.now() + patienceMs; !isSo() && performance.now() < end;) {
      await wait(LOOK_EVERY_MS);
    }
  }
}
