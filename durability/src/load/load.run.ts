import { setTimeout as wait } from 'node:timers/promises';
import { DurableLog } from '../records/durable.log';
import { HttpSender, type HttpReply } from './http.sender';
import {
  type AnswerRecord,
  type Intent,
  type LoadOrder,
  type LoadReport,
  type SentRecord,
} from './load.types';
import { Random } from './random';
import { targetOf, type Traffic } from './traffic';

/** One stretch of load. What it is about to send is on disk first, and so is every reply before the next request. */
export class LoadRun {
  private readonly sender: HttpSender;
  private readonly random: Random;
  private readonly underWay = new Set<Promise<void>>();
  private readonly statuses: Record<string, number> = {};
  private readonly errors: Record<string, number> = {};
  private stopped = false;
  private sent = 0;
  private answers = 0;
  private slowest = 0;
  private abnormal = 0;
  private ending: Promise<void> = Promise.resolve();

  private constructor(
    private readonly order: LoadOrder,
    private readonly traffic: Traffic,
    private readonly log: DurableLog,
  ) {
    this.random = new Random(order.seed);
    this.sender = new HttpSender(order.connections);
  }

  /** @param traffic of an earlier stretch, to repeat what was sent before a kill */
  static async begin(order: LoadOrder, traffic: Traffic): Promise<LoadRun> {
    const run = new LoadRun(order, traffic, await DurableLog.open(order.records));
    run.ending = order.rate === null ? run.flatOut() : run.paced(order.rate);
    return run;
  }

  /** Sends nothing more and waits for what is under way. */
  async stop(): Promise<LoadReport> {
    this.stopped = true;
    return this.end();
  }

  /** Waits for the number of requests it was given. */
  async end(): Promise<LoadReport> {
    await this.ending;
    await Promise.all(this.underWay);
    this.sender.close();
    await this.log.close();
    return this.report();
  }

  report(): LoadReport {
    return {
      sent: this.sent,
      answers: this.answers,
      withoutReply: this.sent - this.answers - this.underWay.size,
      abnormal: this.abnormal,
      statuses: { ...this.statuses },
      errors: { ...this.errors },
      slowest: Math.round(this.slowest),
    };
  }

  private async flatOut(): Promise<void> {
    while (!this.isOver()) {
      if (this.underWay.size >= this.order.connections) await Promise.race(this.underWay);
      else this.startNext();
    }
  }

  private async paced(rate: number): Promise<void> {
    const began = performance.now();
    for (let due = 0; !this.isOver();) {
      const behind = ((performance.now() - began) * rate) / 1000;
      for (; due < behind && !this.isOver();) due += this.startNext();
      await wait(2);
    }
  }

  private isOver(): boolean {
    return this.stopped || (this.order.requests !== null && this.sent >= this.order.requests);
  }

  private startNext(): number {
    const intents = this.traffic.draw();
    const { origins } = this.order;
    const start = this.random.below(origins.length);
    intents.forEach((intent, index) => {
      // Twins go to different instances.
      const work = this.exchange(intent, origins[(start + index) % origins.length] ?? '').finally(() =>
        this.underWay.delete(work),
      );
      this.underWay.add(work);
    });
    this.sent += intents.length;
    return intents.length;
  }

  private async exchange(intent: Intent, origin: string): Promise<void> {
    const sent: SentRecord = { kind: 'sent', ...intent };
    await this.log.append(sent);
    const reply = await this.sender.get(
      origin,
      targetOf(this.order.integrationId, intent),
      this.order.patienceMs,
    );
    const answer = answerOf(intent.n, reply);
    this.count(reply);
    if (!isNormal(answer)) this.abnormal += 1;
    await this.log.append(answer);
  }

  private count({ status, error, milliseconds }: HttpReply): void {
    this.slowest = Math.max(this.slowest, milliseconds);
    if (status === null) {
      const name = error ?? 'unknown';
      this.errors[name] = (this.errors[name] ?? 0) + 1;
      return;
    }
    this.answers += 1;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }
}

/** As a sender is answered when nothing is wrong: with a verdict. */
export function isNormal({ http, status }: AnswerRecord): boolean {
  return http !== null && http < 500 && status !== 'deferred';
}

function answerOf(n: number, { status, body, error, milliseconds }: HttpReply): AnswerRecord {
  const said = status === null ? {} : parsed(body);
  const text = (name: string): string | null => {
    const value = said[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    kind: 'answer',
    n,
    http: status,
    error,
    at: Date.now(),
    milliseconds: Math.round(milliseconds),
    status: text('status'),
    code: text('code'),
    postbackId: text('postbackId'),
    conversionId: text('conversionId'),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
