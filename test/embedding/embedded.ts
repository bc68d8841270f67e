import { type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { OnTrackerEvent, type TrackerConversionEvent } from 'nestjs-tracker-postbacks';
import { type TestApplication } from '../setup/application';
import { createCrm } from '../setup/crm';

/** What a host's handler has seen. */
export class Seen {
  readonly events: TrackerConversionEvent[] = [];
  private readonly waiting: { readonly clickId: string; readonly tell: () => void }[] = [];

  @OnTrackerEvent(['sale', 'resale'], { name: 'seen' })
  see(event: TrackerConversionEvent): void {
    this.events.push(event);
    for (const { clickId, tell } of this.waiting) if (clickId === event.clickId) tell();
  }

  async until(clickId: string): Promise<void> {
    if (this.events.some((event) => event.clickId === clickId)) return;
    await new Promise<void>((tell) => this.waiting.push({ clickId, tell }));
  }
}

/** A host that is nothing but these imports, with one handler, listening on loopback. */
export async function embed(metadata: ModuleMetadata): Promise<TestApplication> {
  const { imports = [], providers = [], ...rest } = metadata;
  const module = await Test.createTestingModule({
    ...rest,
    imports,
    providers: [Seen, ...providers],
  }).compile();
  return listening(module.createNestApplication(new FastifyAdapter(), { logger: ['fatal'] }));
}

async function listening(app: INestApplication): Promise<TestApplication> {
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, url: await app.getUrl(), close: () => app.close() };
}

/** A deposit that arrives is recorded, and reaches the host's handler; a repeated one is a duplicate. */
export async function expectAtWork(host: TestApplication, base = ''): Promise<string> {
  const crm = await createCrm(host);
  const clickId = await crm.newClick();
  const path = `${base}/postbacks/${crm.integrationId}/tracker-postback`;
  const query = `tracker.event=sale&clickid=${clickId}&tracker.cost=12.50&tracker.currency=usd&tracker.tid=t1`;
  expect((await crm.send(query, { path })).body).toMatchObject({ status: 'accepted', event: 'sale' });
  expect((await crm.send(query, { path })).body).toMatchObject({ status: 'duplicate' });
  await host.app.get(Seen).until(clickId);
  return clickId;
}
