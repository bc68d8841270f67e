import { JournalScene, until } from './journal.fixture';

const RATE = 60;
const CLICKS = 20;
const PROMISE_MS = 5_000;

interface Answer {
  readonly clickId: string;
  readonly tid: number;
  readonly sentAt: number;
  readonly milliseconds: number;
  readonly httpStatus: number;
  readonly status: string;
}

describe.each(['cut', 'silence'] as const)('under load, when the database is away for a while: %s', (how) => {
  let scene: JournalScene;

  beforeAll(async () => {
    scene = await JournalScene.start();
    await scene.crm.send('');
  });

  afterAll(() => scene.stop());

  it('every postback is answered in time, counted once, in its order, and soon without the journal again', async () => {
    const clicks: string[] = [];
    for (let n = 0; n < CLICKS; n++) clicks.push(await scene.crm.newClick());
    const answers: Promise<Answer>[] = [];
    const begun = performance.now();
    const send = async (tid: number): Promise<Answer> => {
      const clickId = clicks[tid % CLICKS] ?? '';
      const sentAt = performance.now() - begun;
      const query = `tracker.event=resale&clickid=${clickId}&tracker.tid=t${tid}&tracker.cost=1`;
      const { status, body } = await scene.crm.send(query);
      const milliseconds = performance.now() - begun - sentAt;
      return { clickId, tid, sentAt, milliseconds, httpStatus: status, status: String(body['status']) };
    };
    /** Sends at its rate, whatever becomes of the answers. */
    const sendUntil = async (end: number): Promise<void> => {
      while (performance.now() - begun < end) {
        const due = Math.floor(((performance.now() - begun) / 1000) * RATE);
        while (answers.length < due) answers.push(send(answers.length));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await sendUntil(1_000);
    scene.proxy[how]();
    await sendUntil(4_000);
    // As behind a firewall: what was open stays silent for ever.
    if (how === 'silence') scene.proxy.restoreNewOnly();
    else scene.proxy.restore();
    const back = performance.now() - begun;
    await sendUntil(back + PROMISE_MS + 1_000);
    const all = await Promise.all(answers);

    expect(all.filter(({ httpStatus }) => httpStatus !== 200)).toEqual([]);
    expect(Math.max(...all.map(({ milliseconds }) => milliseconds))).toBeLessThan(PROMISE_MS);
    const deferred = all.filter(({ status }) => status === 'deferred');
    expect(deferred.length).toBeGreaterThan(RATE);
    expect(Math.max(...deferred.map(({ sentAt }) => sentAt)) - back).toBeLessThan(PROMISE_MS);

    await until('the journal is drained', () => scene.files().length === 0);
    for (const clickId of clicks) {
      const sent = all.filter((answer) => answer.clickId === clickId).map(({ tid }) => `t${tid}`);
      // Ids ascend with the arrival, which under load need not be the order in which they were sent.
      const recorded: readonly { readonly tid: string; readonly ordinal: number }[] =
        await scene.witness.query(
          `SELECT tid, ordinal FROM tracker_conversions WHERE click_id = '${clickId}' ORDER BY postback_id`,
        );
      expect(recorded.map(({ ordinal }) => ordinal)).toEqual(sent.map((_, n) => n + 1));
      expect(new Set(recorded.map(({ tid }) => tid))).toEqual(new Set(sent));
    }
  }, 60_000);
});
