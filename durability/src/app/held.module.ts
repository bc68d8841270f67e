import { Inject, Injectable, Module } from '@nestjs/common';
import { type AnyTrackerEvent, OnTrackerEvent, type TrackerHandlerContext } from 'nestjs-tracker-postbacks';
import { Gate } from './gate';
import { ReceiptBook } from './receipt.book';

export const HELD_FAILURE = Symbol('HELD_FAILURE');

/** A handler that waits at a gate, so that its process can be stopped in the middle of it. */
@Injectable()
export class HeldHandler {
  constructor(
    @Inject(ReceiptBook) private readonly book: ReceiptBook,
    @Inject(Gate) private readonly gate: Gate,
    @Inject(HELD_FAILURE) private readonly failure: string | null,
  ) {}

  @OnTrackerEvent('*', { name: 'held' })
  async hold(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    await this.book.begin('held', event, context);
    await this.gate.pass();
    if (this.failure !== null) throw new Error(this.failure);
    await this.book.end('held', event, context);
  }
}

@Module({ providers: [HeldHandler] })
export class HeldModule {}
