import { type ChatMerge } from './chat-merge';
import { type AnnouncedClick, ClickAnnouncements } from './click-announcements';
import { type NewClick } from './click-insert';
import { type ClickStore } from './click.store';
import { TrackerClicks } from './clicks.service';

/** A store that loses the first inserts, as when a click id exists or another process was faster. */
function setUp({ losses = 0, known = [] as readonly (string | null)[] } = {}) {
  const steps: string[] = [];
  const inserted: NewClick[] = [];
  let lost = 0;
  let looks = 0;
  const store: Partial<ClickStore> = {
    newestIssued: () => Promise.resolve(known[looks++] ?? null),
    insert: (clicks) => {
      steps.push('insert');
      inserted.push(...clicks);
      lost += 1;
      const taken = lost <= losses ? clicks : clicks.filter(({ clickId }) => clickId === 'known');
      return Promise.resolve(clicks.filter((click) => !taken.includes(click)));
    },
    chatsOf: (_tenantId, ids) => Promise.resolve(new Map(ids.map((id) => [id, 'chat']))),
  };
  const announcements = new ClickAnnouncements();
  const announced: AnnouncedClick[] = [];
  announcements.listen((clicks) => {
    steps.push('announce');
    announced.push(...clicks);
    return Promise.resolve(clicks.length);
  });
  const clicks = new TrackerClicks(store as ClickStore, announcements, { now: () => 1_000 }, {} as ChatMerge);
  return { clicks, steps, inserted, announced };
}

describe('TrackerClicks.issue', () => {
  it('tries another id when the first one exists', async () => {
    const { clicks, inserted } = setUp({ losses: 2 });
    const { clickId } = await clicks.issue({ chatId: 'chat' });
    expect(inserted).toHaveLength(3);
    expect(new Set(inserted.map((click) => click.clickId)).size).toBe(3);
    expect(clickId).toBe(inserted[2]?.clickId);
  });

  it('answers the id of whoever was faster', async () => {
    const { clicks, announced } = setUp({ losses: 1, known: [null, 'theirs'] });
    await expect(clicks.issue({ chatId: 'chat' })).resolves.toEqual({ clickId: 'theirs' });
    expect(announced).toEqual([]);
  });

  it('inserts nothing when the chat has an id', async () => {
    const { clicks, inserted } = setUp({ known: ['mine'] });
    await expect(clicks.issue({ chatId: 'chat' })).resolves.toEqual({ clickId: 'mine' });
    expect(inserted).toEqual([]);
  });

  it('gives up after a few losses instead of trying for ever', async () => {
    const { clicks, inserted } = setUp({ losses: 100 });
    await expect(clicks.issue({ chatId: 'chat', fresh: true })).rejects.toThrow('5 attempts');
    expect(inserted).toHaveLength(5);
  });
});

describe('TrackerClicks.register', () => {
  it('announces after the insert, within the tenant, also what this chat had already', async () => {
    const { clicks, steps, announced } = setUp();
    const sent = ['new', 'known'].map((clickId) => ({ clickId, chatId: 'chat' }));
    const answer = await clicks.register({ clicks: sent }, { tenantId: 't' });
    expect(steps).toEqual(['insert', 'announce']);
    expect(announced).toEqual([
      { tenantId: 't', clickId: 'new' },
      { tenantId: 't', clickId: 'known' },
    ]);
    expect(answer).toEqual({ registered: 1, alreadyKnown: 1, conflicts: [], rejudged: 2 });
  });
});

describe('TrackerClicks.announce', () => {
  it('tells of each id once, a thousand at a time', async () => {
    const { clicks, steps, announced } = setUp();
    const ids = Array.from({ length: 2500 }, (_, n) => `id-${n % 2100}`);
    await expect(clicks.announce(ids)).resolves.toEqual({ rejudged: 2100 });
    expect(steps).toEqual(['announce', 'announce', 'announce']);
    expect(announced).toHaveLength(2100);
  });
});
