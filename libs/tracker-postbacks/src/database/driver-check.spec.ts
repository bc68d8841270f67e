import { type DataSource } from 'typeorm';
import { driverWarning, mayAbort } from './driver-check';

const hostOf = (type: string): DataSource => ({ options: { type } }) as unknown as DataSource;

describe('a driver that can end the process', () => {
  it.each([
    ['12.11.1', '24.21.0', true],
    ['11.10.0', '24.18.1', true],
    ['13.0.3', '24.21.0', false],
    ['12.11.1', '22.23.3', false],
    ['12.11.1', '20.20.2', false],
    ['12.11.1', '26.1.0', false],
  ])('better-sqlite3 %s on Node %s: %s', (driver, node, expected) => {
    expect(mayAbort(driver, node)).toBe(expected);
  });

  it('is named at boot with what to use instead, where the host is on SQLite', () => {
    expect(driverWarning(hostOf('better-sqlite3'), '24.21.0')).toMatch(
      /^better-sqlite3 12\.\d+\.\d+ can end the process on Node 24\.21\.0 .* Use Node 22, or better-sqlite3 13\.$/,
    );
    expect(driverWarning(hostOf('better-sqlite3'), '22.23.3')).toBeNull();
    expect(driverWarning(hostOf('postgres'), '24.21.0')).toBeNull();
  });
});
