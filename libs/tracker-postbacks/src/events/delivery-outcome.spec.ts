import { delivered, erased, failed, poisoned, type RetryPolicy } from './delivery-outcome';
import { type ClaimedDelivery, MAX_CRASHES } from './delivery-store.types';

const AT = '2026-11-21T09:30:00.000Z';
const POLICY: RetryPolicy = { maxAttempts: 12, retryDelayMs: 1_000, maxDelayMs: 3_600_000 };

const delivery = (more: Partial<ClaimedDelivery> = {}): ClaimedDelivery => ({
  id: '1',
  token: 'token',
  handler: 'handler',
  attempt: 1,
  crashes: 0,
  eventId: 'event',
  eventSeq: '1',
  name: 'sale',
  payload: '{}',
  erased: false,
  errors: [],
  ...more,
});

describe('the end of an attempt', () => {
  it('is written under the token of its claim', () => {
    expect(delivered(delivery())).toEqual({
      id: '1',
      token: 'token',
      status: 'done',
      retryIn: 0,
      errors: null,
    });
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [11, 1_024_000],
    [13, 3_600_000],
    [100, 3_600_000],
  ])(
    'that failed for the %i. time is tried again after up to %i ms, and not before half of that',
    (attempt, most) => {
      const delays = Array.from(
        { length: 200 },
        () =>
          failed(delivery({ attempt }), new Error('no'), AT, { ...POLICY, maxAttempts: Infinity }).retryIn,
      );
      expect(Math.max(...delays)).toBeLessThanOrEqual(most);
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(most / 2);
      expect(new Set(delays).size).toBeGreaterThan(50);
    },
  );

  it.each([
    [11, 'pending'],
    [12, 'parked'],
    [13, 'parked'],
  ])('that failed for the %i. time of twelve is %s', (attempt, status) => {
    expect(failed(delivery({ attempt }), 'no', AT, POLICY).status).toBe(status);
  });

  it('is kept with what was thrown, of any length, after the nineteen errors before it', () => {
    const errors = Array.from({ length: 25 }, (_, n) => ({
      attempt: n + 1,
      at: AT,
      message: `error ${n + 1}`,
    }));
    const result = failed(delivery({ attempt: 26, errors }), new TypeError('x'.repeat(9_000)), AT, POLICY);
    expect(result.errors).toHaveLength(20);
    expect(result.errors?.[0]).toEqual({ attempt: 7, at: AT, message: 'error 7' });
    const last = result.errors?.at(-1);
    expect(last).toEqual({ attempt: 26, at: AT, message: expect.stringMatching(/^TypeError: xxx/) });
    expect(last?.message).toHaveLength(2_000);
  });

  it('that nobody saw parks the delivery, and says why', () => {
    expect(poisoned(delivery({ attempt: 3, crashes: MAX_CRASHES }), AT)).toMatchObject({
      status: 'parked',
      errors: [{ attempt: 3, at: AT, message: expect.stringContaining('the process died') }],
    });
  });

  it('is a done one where nothing is left that a handler could be given', () => {
    expect(erased(delivery(), AT)).toMatchObject({ status: 'done', errors: [{ message: 'erased' }] });
  });
});
