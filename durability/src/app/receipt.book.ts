import { join } from 'node:path';
import { type AnyTrackerEvent, type TrackerHandlerContext } from 'nestjs-tracker-postbacks';
import { DurableLog } from '../records/durable.log';
import { type Receipt } from './app.types';

/** What the handlers of one process received, on disk before they return. */
export class ReceiptBook {
  private constructor(
    private readonly log: DurableLog,
    private readonly process: string,
  ) {}

  static async open(folder: string, name: string): Promise<ReceiptBook> {
    // A file of this process alone: the last line of a killed one may be torn.
    const file = join(folder, `receipts-${name}-${process.pid}.ndjson`);
    return new ReceiptBook(await DurableLog.open(file), name);
  }

  begin(handler: string, event: AnyTrackerEvent, { attempt }: TrackerHandlerContext): Promise<void> {
    return this.write('begin', handler, event, attempt);
  }

  end(handler: string, event: AnyTrackerEvent, { attempt }: TrackerHandlerContext): Promise<void> {
    return this.write('end', handler, event, attempt);
  }

  /** The plain handler: whatever it is called for is on disk when it returns. */
  async receive(handler: string, event: AnyTrackerEvent, context: TrackerHandlerContext): Promise<void> {
    const begun = this.begin(handler, event, context);
    await this.end(handler, event, context);
    await begun;
  }

  private write(
    kind: Receipt['kind'],
    handler: string,
    event: AnyTrackerEvent,
    attempt: number,
  ): Promise<void> {
    const receipt: Receipt = {
      kind,
      handler,
      eventId: event.id,
      clickId: event.clickId,
      attempt,
      process: this.process,
      pid: process.pid,
      at: process.hrtime.bigint().toString(),
      time: Date.now(),
    };
    return this.log.append(receipt);
  }
}
