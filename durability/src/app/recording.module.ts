import { Inject, Injectable, Module } from '@nestjs/common';
import { type AnyTrackerEvent, OnTrackerEvent, type TrackerHandlerContext } from 'nestjs-tracker-postbacks';
import { ReceiptBook } from './receipt.book';

/** Two handlers that want different events: one delivery each, tracked on its own. */
@Injectable()
export class RecordingHandlers {
  constructor(@Inject(ReceiptBook) private readonly book: ReceiptBook) {}

  @OnTrackerEvent('*', { name: 'everything' })
  everything(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    return this.book.receive('everything', event, context);
  }

  @OnTrackerEvent(['sale', 'resale', 'reversal'], { name: 'deposits' })
  deposits(event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    return this.book.receive('deposits', event, context);
  }
}

@Module({ providers: [RecordingHandlers] })
export class RecordingModule {}
