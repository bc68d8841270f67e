import { Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { type AnyTrackerEvent, OnTrackerEvent, TrackerEventEmitter } from 'nestjs-tracker-postbacks';

/** A durable handler of every event, and how long after the commit it is called. */
@Injectable()
export class LatencyHandler implements OnModuleInit {
  private readonly committed = new Map<string, number>();
  private readonly called = new Map<string, number>();
  private latencies: number[] = [];

  constructor(@Inject(TrackerEventEmitter) private readonly emitter: TrackerEventEmitter) {}

  onModuleInit(): void {
    // The notification goes out with the next turn of the event loop after the batch's commit.
    this.emitter.on('conversion', ({ id }) => {
      this.note(id, this.committed, this.called, (now, handled) => handled - now);
    });
  }

  @OnTrackerEvent('*')
  handle({ id }: AnyTrackerEvent): void {
    this.note(id, this.called, this.committed, (now, committed) => now - committed);
  }

  /** Milliseconds from commit to handler since the last call. */
  take(): readonly number[] {
    const taken = this.latencies;
    this.latencies = [];
    return taken;
  }

  private note(
    id: string,
    own: Map<string, number>,
    others: Map<string, number>,
    between: (now: number, other: number) => number,
  ): void {
    const now = performance.now();
    const other = others.get(id);
    if (other === undefined) {
      own.set(id, now);
      return;
    }
    others.delete(id);
    this.latencies.push(Math.max(0, between(now, other)));
  }
}

@Module({ providers: [LatencyHandler] })
export class HandledModule {}
