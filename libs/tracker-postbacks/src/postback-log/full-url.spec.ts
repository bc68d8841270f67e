import { fullUrl } from './full-url';

describe('fullUrl', () => {
  it.each([
    [
      'the target behind the public address',
      'https://crm.example.com',
      '/api/postbacks/1?a=b',
      'https://crm.example.com/api/postbacks/1?a=b',
    ],
    [
      'a slash at the end of the address',
      'https://crm.example.com/',
      '/api/p?a',
      'https://crm.example.com/api/p?a',
    ],
    ['a port', 'http://localhost:3000', '/api/p', 'http://localhost:3000/api/p'],
    [
      'a path that a proxy takes off',
      'https://example.com/crm',
      '/api/p?a=/crm/',
      'https://example.com/crm/api/p?a=/crm/',
    ],
    [
      'a path that the application sees',
      'https://example.com/crm/',
      '/crm/api/p',
      'https://example.com/crm/api/p',
    ],
    ['a path that only begins alike', 'https://example.com/crm', '/crmx/p', 'https://example.com/crm/crmx/p'],
    [
      'bytes that URL would rewrite',
      'https://crm.example.com',
      '//API/p/?a={b}|%zz#c',
      'https://crm.example.com//API/p/?a={b}|%zz#c',
    ],
  ])('%s', (_, publicUrl, target, expected) => {
    expect(fullUrl(publicUrl, target)).toBe(expected);
  });
});
