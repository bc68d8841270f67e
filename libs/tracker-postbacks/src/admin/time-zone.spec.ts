import { daysBetween, dayOf, isTimeZone, startOfDay } from './time-zone';

const startOf = (day: string, zone: string): string =>
  new Date(startOfDay(Date.parse(`${day}T00:00:00Z`), zone)).toISOString();

describe('time zones', () => {
  it.each(['UTC', 'Europe/Berlin', 'america/new_york', 'Etc/GMT+5', 'Asia/Kathmandu'])('know %s', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Berlin', 'Europe/Nowhere', '+03:00', 'UTC+3', '../UTC', 'Europe/Berlin ', 'x'.repeat(99)])(
    'do not guess %j',
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});

describe('the start of a day', () => {
  it.each([
    ['UTC', '2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-21', '2026-11-20T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-11-21', '2026-11-20T10:00:00.000Z'],
    ['Pacific/Niue', '2026-11-21', '2026-11-21T11:00:00.000Z'],
    // Clocks went from 23:59:59 to 01:00: the day began at one.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
    ['Asia/Beirut', '2022-03-27', '2022-03-26T22:00:00.000Z'],
    // Clocks went back from 01:00 to 00:00: midnight came twice, the day began with the first.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z'],
  ])('in %s of %s', (zone, day, expected) => {
    expect(startOf(day, zone)).toBe(expected);
  });

  it('begins a day of which every instant before is another day', () => {
    for (const zone of ['Europe/Berlin', 'America/Sao_Paulo', 'America/Havana', 'Australia/Lord_Howe']) {
      for (let day = Date.UTC(2018, 0, 1); day < Date.UTC(2019, 0, 1); day += 86_400_000) {
        const start = startOfDay(day, zone);
        expect(dayOf(start, zone)).toBe(day);
        expect(dayOf(start - 1, zone)).toBeLessThan(day);
      }
    }
  });
});

describe('the days of a range', () => {
  it('are those it touches', () => {
    const names = (from: string, to: string, zone: string): string[] =>
      daysBetween(Date.parse(from), Date.parse(to), zone).map(({ name }) => name);
    expect(names('2026-11-20T23:00:00Z', '2026-11-21T23:00:00Z', 'Europe/Berlin')).toEqual(['2026-11-21']);
    expect(names('2026-11-20T22:59:59Z', '2026-11-21T23:00:01Z', 'Europe/Berlin')).toEqual([
      '2026-11-20',
      '2026-11-21',
      '2026-11-22',
    ]);
    expect(names('2011-12-29T12:00:00Z', '2012-01-01T00:00:00Z', 'Pacific/Apia')).not.toContain('2011-12-30');
  });
});
