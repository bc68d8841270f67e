import { Inject, Injectable, Module } from '@nestjs/common';
import { type AnyTrackerEvent, OnTrackerEvent, type TrackerHandlerContext } from 'nestjs-tracker-postbacks';
import { ReceiptBook } from './receipt.book';
import { RecordingModule } from './recording.module';

export const EXITS = Symbol('EXITS');

/** Every so many events a handler shows its fault. */
const EVERY = 5;
const FAILING_ATTEMPTS = 2;
/** A process does some work before its own handler ends it. */
const CALLS_BEFORE_EXIT = 25;
const EXIT_CODE = 3;
/** Things that people throw. */
const THROWN: readonly unknown[] = [
  new Error('no'),
  'a string',
  undefined,
  null,
  {
    toString: () => {
      throw new Error('cannot be described');
    },
  },
];

/** Handlers as they should not be, beside the good ones. */
@Injectable()
export class FaultyHandlers {
  private calls = 0;

  constructor(
    @Inject(ReceiptBook) private readonly book: ReceiptBook,
    @Inject(EXITS) private readonly exits: boolean,
  ) {}

  @OnTrackerEvent('*', { name: 'throws' })
  async throws(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('throws', event, context);
    if (isUnlucky(event) && context.attempt <= FAILING_ATTEMPTS) {
      throw THROWN[numberOf(event) % THROWN.length];
    }
    await this.book.end('throws', event, context);
  }

  /** Not asynchronous: what it throws is thrown into its caller. */
  @OnTrackerEvent('*', { name: 'throws-at-once' })
  throwsAtOnce(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    if (isUnlucky(event) && context.attempt <= FAILING_ATTEMPTS) throw new TypeError('at once');
    return this.book.receive('throws-at-once', event, context);
  }

  @OnTrackerEvent('*', { name: 'hangs' })
  async hangs(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('hangs', event, context);
    if (isUnlucky(event) && context.attempt === 1) await new Promise(() => undefined);
    await this.book.end('hangs', event, context);
  }

  /** Rejects when nobody waits for it any more. */
  @OnTrackerEvent('*', { name: 'rejects-late' })
  async rejectsLate(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('rejects-late', event, context);
    if (isUnlucky(event) && context.attempt === 1) {
      await new Promise((_, reject) => {
        context.signal.addEventListener('abort', () => {
          setTimeout(() => {
            reject(new Error('late'));
          }, 100);
        });
      });
    }
    await this.book.end('rejects-late', event, context);
  }

  @OnTrackerEvent('*', { name: 'never' })
  async never(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('never', event, context);
    if (isUnlucky(event)) throw new Error('never');
    await this.book.end('never', event, context);
  }

  @OnTrackerEvent('*', { name: 'exits' })
  async exitsProcess(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('exits', event, context);
    if (this.exits && ++this.calls > CALLS_BEFORE_EXIT && isUnlucky(event)) process.exit(EXIT_CODE);
    await this.book.end('exits', event, context);
  }
}

/** Decided by the event, so that every attempt and every process agree. */
function isUnlucky(event: AnyTrackerEvent): boolean {
  return numberOf(event) % EVERY === 0;
}

function numberOf({ id }: AnyTrackerEvent): number {
  return parseInt(id.slice(-6), 16);
}

@Module({ imports: [RecordingModule], providers: [FaultyHandlers] })
export class FaultyModule {}
