import { TrackerError } from '../tracker-postbacks.errors';
import { checkClickIds, checkClicks, idProblem } from './click-input';

const refusal = (act: () => void): TrackerError => {
  try {
    act();
  } catch (error) {
    if (error instanceof TrackerError) return error;
    throw error;
  }
  throw new Error('was accepted');
};

describe('idProblem', () => {
  it.each([
    ['one character', 'a'],
    ['255 characters', 'x'.repeat(255)],
    ['255 characters of two units each', '😀'.repeat(255)],
    ['a space at an end, kept as it is', ' a '],
    ['characters that URLs give a meaning', 'a/b?c=%2F&d#e+f'],
    ['a name of the prototype', '__proto__'],
  ])('accepts %s', (_, id) => {
    expect(idProblem(id)).toBeNull();
  });

  it.each([
    ['nothing', '', 'must not be empty'],
    ['256 characters', 'x'.repeat(256), 'must not be longer than 255 characters'],
    ['256 characters of two units each', '😀'.repeat(256), 'must not be longer than 255 characters'],
    ['NUL', 'a\0b', 'must not hold NUL or half of a surrogate pair'],
    ['half of a surrogate pair', 'a\ud83d', 'must not hold NUL or half of a surrogate pair'],
    ['a number', 5, 'must be a string'],
    ['no value', undefined, 'must be a string'],
  ])('refuses %s', (_, id, problem) => {
    expect(idProblem(id)).toBe(problem);
  });
});

describe('checkClicks', () => {
  const path = (index: number): string => `clicks.${index}.`;

  it('accepts a campaign, none and null for none', () => {
    expect(() => {
      checkClicks(
        [{ chatId: 'c' }, { chatId: 'c', campaignId: null }, { chatId: 'c', campaignId: 'x' }],
        path,
      );
    }).not.toThrow();
  });

  it('names every field at fault', () => {
    const clicks = [
      { clickId: 'fine', chatId: 'c' },
      { clickId: '', chatId: 'c\0' },
      { clickId: 'x', chatId: 'c', campaignId: '' },
    ];
    expect(
      refusal(() => {
        checkClicks(clicks, path);
      }),
    ).toMatchObject({
      code: 'validation_failed',
      statusCode: 400,
      details: [
        { field: 'clicks.1.clickId', message: 'clicks.1.clickId must not be empty' },
        {
          field: 'clicks.1.chatId',
          message: 'clicks.1.chatId must not hold NUL or half of a surrogate pair',
        },
        { field: 'clicks.2.campaignId', message: 'clicks.2.campaignId must not be empty' },
      ],
    });
  });

  it('takes a thousand and no more', () => {
    const click = { clickId: 'x', chatId: 'c' };
    expect(() => {
      checkClicks(
        Array.from({ length: 1000 }, () => click),
        path,
      );
    }).not.toThrow();
    expect(
      refusal(() => {
        checkClicks(
          Array.from({ length: 1001 }, () => click),
          path,
        );
      }).details,
    ).toEqual([
      {
        field: 'clicks',
        message: 'clicks must not hold more than 1000 elements: send the rest in another call',
      },
    ]);
  });
});

describe('checkClickIds', () => {
  it('names the ids at fault', () => {
    expect(
      refusal(() => {
        checkClickIds(['a', '', 'b']);
      }).details,
    ).toEqual([{ field: 'clickIds.1', message: 'clickIds.1 must not be empty' }]);
  });
});
