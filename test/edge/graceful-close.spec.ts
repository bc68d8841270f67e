import { Agent, request } from 'node:http';
import { TrackerDatabase } from '../../libs/tracker-postbacks/src/database/tracker-database';
import { GracefulClose } from '../../libs/tracker-postbacks/src/postbacks/graceful-close';
import { PostbackStore } from '../../libs/tracker-postbacks/src/postbacks/postback-store';
import { ADAPTERS, startApplication, type TestApplication } from '../setup/application';
import { type Crm, createCrm } from '../setup/crm';
import { createTestDatabase, type TestDatabase } from '../setup/database';
import { Gate } from '../setup/gate';

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
}

describe.each(ADAPTERS)('an application that is closed on %s', (adapter) => {
  let database: TestDatabase;
  let application: TestApplication;
  let crm: Crm;
  let agent: Agent;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  beforeEach(async () => {
    application = await startApplication(database, { adapter });
    crm = await createCrm(application);
    agent = new Agent({ keepAlive: true });
  });

  afterEach(() => {
    agent.destroy();
  });

  afterAll(() => database.drop());

  const send = (clickId: string, tid: number, through = agent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const path = `/api/postbacks/${crm.integrationId}/tracker-postback?tracker.event=resale&clickid=${clickId}&tracker.tid=${tid}`;
      const asked = request(`${application.url}${path}`, { agent: through }, (response) => {
        response.resume();
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection });
        });
      });
      asked.once('error', reject);
      asked.end();
    });

  it('answers what it has taken, and ends that connection', async () => {
    const clickId = await crm.newClick();
    expect(await send(clickId, 0)).toEqual({ status: 200, connection: 'keep-alive' });
    const gate = new Gate();
    const store = application.app.get(PostbackStore);
    const write = store.write.bind(store);
    store.write = async (batch) => {
      await gate.pass();
      return write(batch);
    };
    const taken = send(clickId, 1);
    await gate.waiting(1);
    const database = application.app.get(TrackerDatabase);
    const closing = application.app.get(GracefulClose);
    const closed = application.close();
    while (!closing.isClosing) await new Promise((resolve) => setImmediate(resolve));
    gate.release();
    expect(await taken).toEqual({ status: 200, connection: 'close' });
    await closed;
    await expect(database.query('SELECT 1', [])).rejects.toThrow('shutting down');
  });

  it('takes postbacks until the door is shut, from those too who never give their connection up', async () => {
    const clickId = await crm.newClick();
    const statuses: number[] = [];
    let end = '';
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let n = 0; end === ''; n++) {
        try {
          statuses.push((await send(clickId, sender * 1_000_000 + n)).status);
        } catch (error) {
          end = String((error as NodeJS.ErrnoException).code);
        }
      }
    });
    for (const begun = Date.now(); statuses.length < 20 && Date.now() - begun < 20_000;)
      await send(clickId, 0);
    await application.close();
    await Promise.all(senders);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(['ECONNREFUSED', 'ECONNRESET']).toContain(end);
  });

  it('takes no longer than ever where no postback came', async () => {
    const began = performance.now();
    await application.close();
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
