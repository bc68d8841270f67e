import { mysqlServer } from './server-check';

describe('what a server says its version is', () => {
  it.each([
    ['8.4.3', 'MySQL', true],
    ['8.0.17', 'MySQL', true],
    ['8.0.42-0ubuntu0.22.04.1', 'MySQL', true],
    ['9.1.0-commercial', 'MySQL', true],
    ['8.0.16', 'MySQL', false],
    ['5.7.44-log', 'MySQL', false],
    ['10.11.19-MariaDB-0+deb12u1', 'MariaDB', true],
    ['10.6.0-MariaDB', 'MariaDB', true],
    ['11.4.2-MariaDB-ubu2404', 'MariaDB', true],
    ['10.5.28-MariaDB', 'MariaDB', false],
  ] as const)('%s', (version, name, isSupported) => {
    expect(mysqlServer(version)).toMatchObject({ name, isSupported });
  });

  it('tells the collation that compares byte by byte', () => {
    expect(mysqlServer('8.4.3').collation).toBe('utf8mb4_0900_bin');
    expect(mysqlServer('10.11.19-MariaDB').collation).toBe('utf8mb4_nopad_bin');
  });
});
