import { Logger } from '@nestjs/common';
import { ClickAnnouncements } from './click-announcements';

const CLICKS = [{ tenantId: 't', clickId: 'a' }];

describe('ClickAnnouncements', () => {
  afterEach(() => jest.restoreAllMocks());

  it('tells every listener and adds up what they judged', async () => {
    const announcements = new ClickAnnouncements();
    const heard: unknown[] = [];
    announcements.listen((clicks) => Promise.resolve(heard.push(clicks)));
    announcements.listen(() => Promise.resolve(4));
    await expect(announcements.announce(CLICKS)).resolves.toBe(5);
    expect(heard).toEqual([CLICKS]);
  });

  it('logs a listener that fails and counts the others', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const announcements = new ClickAnnouncements();
    announcements.listen(() => Promise.reject(new Error('database away')));
    announcements.listen(() => {
      throw new Error('at once');
    });
    announcements.listen(() => Promise.resolve(2));
    await expect(announcements.announce(CLICKS)).resolves.toBe(2);
    expect(logged).toHaveBeenCalledTimes(2);
    expect(logged.mock.calls.map(([, stack]) => String(stack))).toEqual([
      expect.stringContaining('at once'),
      expect.stringContaining('database away'),
    ]);
  });

  it('asks nobody about nothing', async () => {
    const announcements = new ClickAnnouncements();
    const listener = jest.fn(() => Promise.resolve(1));
    announcements.listen(listener);
    await expect(announcements.announce([])).resolves.toBe(0);
    expect(listener).not.toHaveBeenCalled();
  });
});
