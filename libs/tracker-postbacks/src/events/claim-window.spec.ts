import { ClaimWindow } from './claim-window';
import { type Claim, type ClaimedDelivery } from './delivery-store.types';

const claim = (next: number, { taken = 0, heldBack = 0, suspects = 0 } = {}): Claim => ({
  deliveries: Array.from({ length: taken }, () => ({ handler: 'handler' }) as ClaimedDelivery),
  heldBack,
  next: new Map([['handler', next]]),
  suspected: suspects > 0 ? ['handler'] : [],
});

describe('the window of claims', () => {
  let window: ClaimWindow;
  const move = (found: Claim, askedAt = performance.now(), alone = false): void => {
    window.move([window.of('handler', 4)], askedAt, found, alone);
  };

  beforeEach(() => {
    window = new ClaimWindow(4);
  });

  it('begins where the last claim ended, and with everything for a handler it does not know', () => {
    expect(window.of('handler', 4)).toEqual({ handler: 'handler', places: 4, since: 0 });
    move(claim(1_000));
    expect(window.of('handler', 2)).toEqual({ handler: 'handler', places: 2, since: 1_000 });
    expect(window.of('other', 2).since).toBe(0);
    window.reset();
    expect(window.of('handler', 2).since).toBe(0);
  });

  it('grows while what is found has to wait, and is as small as it was when nothing has', () => {
    const looks = [0, 1, 2, 3].map(() => {
      move(claim(1, { heldBack: 1 }));
      return window.look;
    });
    expect(looks).toEqual([16, 64, 128, 128]);
    move(claim(1));
    expect(window.look).toBe(4);
  });

  it('grows while suspects are passed over, which take the room of what can run', () => {
    move(claim(1, { suspects: 4 }));
    expect(window.look).toBe(16);
    move(claim(1));
    expect(window.look).toBe(4);
  });

  it('takes a claim for one suspect for no look at everything', () => {
    move(claim(1_000), performance.now() - 1_000, true);
    window.resetNowAndThen();
    expect(window.of('handler', 4).since).toBe(0);
  });

  it('expects more where all places were filled', () => {
    move(claim(1, { taken: 4 }));
    expect(window.hasMore).toBe(true);
    move(claim(1, { taken: 3 }));
    expect(window.hasMore).toBe(false);
  });

  it('looks at everything now and then, more seldom the longer that takes', () => {
    // A look at everything that took a second, a moment ago.
    move(claim(1_000), performance.now() - 1_000);
    window.resetNowAndThen();
    expect(window.of('handler', 4).since).toBe(1_000);
    window.reset();
    move(claim(2_000));
    window.resetNowAndThen();
    const later = performance.now() + 1_000;
    while (performance.now() < later && window.of('handler', 4).since !== 0) window.resetNowAndThen();
    expect(window.of('handler', 4).since).toBe(0);
  });
});
