import {
  type TrackerBroker,
  type TrackerEventMessage,
  type TrackerPostbacksOptions,
} from 'nestjs-tracker-postbacks';
import { type ModuleMetadata } from '@nestjs/common';
import { startApplication, type TestApplication } from '../setup/application';
import { createCrm } from '../setup/crm';
import { type TestDatabase } from '../setup/database';

/** A host that hands its events to one broker, and networks that call it. */
export interface BrokerHost {
  readonly application: TestApplication;
  /** One deposit each, the clicks taking turns; answers what was sent, by click. */
  deposit(count: number, clicks?: number): Promise<ReadonlyMap<string, readonly string[]>>;
}

let deposits = 0;

export async function startBrokerHost(
  database: TestDatabase,
  broker: TrackerBroker,
  imports: NonNullable<ModuleMetadata['imports']> = [],
  more: readonly TrackerBroker[] = [],
  events: TrackerPostbacksOptions['events'] = {},
): Promise<BrokerHost> {
  const application = await startApplication(database, {
    imports,
    options: {
      brokers: [broker, ...more],
      events: { retryDelayMs: 20, pollIntervalMs: 50, ...events },
    },
  });
  const crm = await createCrm(application);
  return {
    application,
    deposit: async (count, clicks = 1) => {
      const ids = await Promise.all(Array.from({ length: clicks }, () => crm.newClick()));
      const sent = new Map<string, string[]>(ids.map((id) => [id, []]));
      for (let from = 0; from < count; from += clicks) {
        await Promise.all(
          ids.slice(0, count - from).map(async (clickId) => {
            const tid = `t${deposits++}`;
            const { body } = await crm.send(
              `tracker.event=resale&clickid=${clickId}&tracker.cost=12.50&tracker.currency=usd&tracker.tid=${tid}`,
            );
            if (body['status'] !== 'accepted') throw new Error(`Not accepted: ${JSON.stringify(body)}`);
            sent.get(clickId)?.push(tid);
          }),
        );
      }
      return sent;
    },
  };
}

/** What a consumer got, and a way to wait for it. */
export class Inbox {
  readonly messages: TrackerEventMessage[] = [];
  private waiting: { readonly holds: () => boolean; readonly tell: () => void }[] = [];

  add(message: TrackerEventMessage): void {
    this.messages.push(message);
    this.waiting = this.waiting.filter(({ holds, tell }) => {
      if (!holds()) return true;
      tell();
      return false;
    });
  }

  /** The tids of a click in the order they first came. */
  tidsOf(clickId: string): string[] {
    const tids = this.messages.filter((message) => message.clickId === clickId).map(({ tid }) => tid ?? '');
    return [...new Set(tids)];
  }

  /** Resolves once every deposit has come; fails by the time of the test. */
  async until(sent: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const holds = (): boolean =>
      [...sent].every(([clickId, tids]) => this.tidsOf(clickId).length === tids.length);
    if (holds()) return;
    await new Promise<void>((tell) => this.waiting.push({ holds, tell }));
  }

  /** Every deposit came, and those of one click came first in the order they were recorded. */
  expectAll(sent: ReadonlyMap<string, readonly string[]>): void {
    for (const [clickId, tids] of sent) expect(this.tidsOf(clickId)).toEqual(tids);
  }
}
