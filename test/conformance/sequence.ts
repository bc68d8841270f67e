import { type TestApplication } from '../setup/application';
import { type Crm, type Reply } from '../setup/crm';
import { ledgerOf } from './ledger';

/** The time of an application under test; nothing sleeps. */
export class MovableClock {
  private milliseconds = Date.now();

  now(): number {
    return this.milliseconds;
  }

  advance(seconds: number): void {
    this.milliseconds += Math.round(seconds * 1000);
  }
}

const STEP = /^(?:\+(\d+(?:\.\d+)?)s )?([^&]*)((?:&.*)?)$/s;

/**
 * Sends a step of a table: `+31s resale&tracker.cost=5` is the event `resale` with a cost, 31 seconds after the step
 * before.
 */
export async function sendStep(crm: Crm, clock: MovableClock, clickId: string, step: string): Promise<Reply> {
  const [, seconds = '0', event = '', rest = ''] = STEP.exec(step) ?? [];
  clock.advance(Number(seconds));
  return crm.send(`tracker.event=${event}&clickid=${encodeURIComponent(clickId)}${rest}`);
}

/** `sale#1` for what was counted, `sale#1 again: same_transaction` for a duplicate of it, else the code. */
export async function outcomeOf(application: Pick<TestApplication, 'app'>, { body }: Reply): Promise<string> {
  const conversionId: string | undefined = body['conversionId'];
  if (conversionId === undefined) return body['code'] as string;
  const { event, ordinal } = await ledgerOf(application).conversion(conversionId);
  const name = `${event}#${ordinal}`;
  return body['status'] === 'accepted' ? name : `${name} again: ${body['code']}`;
}
