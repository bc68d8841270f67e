import { RequestMethod } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { checkedPublicUrl, PublicAddress } from './public-address';

const addressIn = (application: ApplicationConfig): PublicAddress =>
  new PublicAddress({ publicUrl: 'https://crm.example.com' }, application, new ModulesContainer());

describe('public address', () => {
  test.each([
    ['https://crm.example.com', 'https://crm.example.com'],
    ['https://crm.example.com/', 'https://crm.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['https://example.com/crm/', 'https://example.com/crm'],
  ])('%s is taken as %s', (publicUrl, expected) => {
    expect(checkedPublicUrl(publicUrl)).toBe(expected);
  });

  test.each([
    [undefined, 'is missing'],
    ['', 'is missing'],
    ['crm.example.com', 'is no absolute URL'],
    ['ftp://crm.example.com', 'has to begin with https:// or http://'],
    ['https://me:secret@crm.example.com', 'must not hold credentials'],
    ['https://crm.example.com/?a=1', 'must hold neither a query nor a fragment'],
    ['https://crm.example.com/#top', 'must hold neither a query nor a fragment'],
  ])('%s: it %s', (publicUrl, problem) => {
    expect(() => checkedPublicUrl(publicUrl)).toThrow(`The option publicUrl ${problem}.`);
  });

  test.each([
    ['', 'https://crm.example.com'],
    ['api', 'https://crm.example.com/api'],
    ['/api/v1/', 'https://crm.example.com/api/v1'],
  ])('with the global prefix "%s"', (prefix, base) => {
    const application = new ApplicationConfig();
    const address = addressIn(application);
    application.setGlobalPrefix(prefix);
    expect(address.ofIntegration('id')).toBe(`${base}/postbacks/id/tracker-postback`);
  });

  test.each([
    [/^\/postbacks\/(.*)$/, RequestMethod.ALL, ''],
    [/^\/postbacks\/(.*)$/, RequestMethod.GET, ''],
    [/^\/postbacks\/(.*)$/, RequestMethod.POST, '/api'],
    [/^\/health$/, RequestMethod.ALL, '/api'],
  ])('excluded %s for method %i', (pathRegex, requestMethod, prefix) => {
    const application = new ApplicationConfig();
    application.setGlobalPrefix('api');
    application.setGlobalPrefixOptions({ exclude: [{ path: '', requestMethod, pathRegex }] });
    expect(addressIn(application).base()).toBe(`https://crm.example.com${prefix}`);
  });
});
