import { type Reading } from '../rules/reading';
import { candidatesOf } from './loaded-clicks';
import { type ReadCase } from './postback-case';

function reading(value: string, bareWord: string | null): ReadCase {
  const clickId: Reading['clickId'] = { kind: 'value', value, parameter: 'clickid', bareWord };
  return {
    case: { admission: null },
    integration: { id: 'i', tenantId: 't' },
    reading: { clickId, tooLarge: null },
  } as unknown as ReadCase;
}

describe('the click ids that a reading may mean', () => {
  it.each<[string, string | null, string[]]>([
    ['abc', null, ['abc']],
    ['abc', 'sub1', ['sub1', 'abc']],
    ['a b', null, ['a b', 'a+b']],
    // Asked for twice, a click would come with its history twice, and one deposit would be two.
    ['sub1', 'sub1', ['sub1']],
    ['a b', 'a+b', ['a+b', 'a b']],
    ['a b', 'a b', ['a b', 'a+b']],
  ])('of %j with the bare word %j are %j', (value, bareWord, ids) => {
    expect(candidatesOf(reading(value, bareWord))).toEqual(ids.map((c) => ({ t: 't', c, i: 'i' })));
  });
});
