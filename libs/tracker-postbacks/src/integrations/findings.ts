import { isLongerThan } from '../rules/text.rule';
import { TrackerError, type TrackerErrorDetail } from '../tracker-postbacks.errors';

const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;

/** Collects what is wrong with a request, so that all of it is answered at once. */
export class Findings {
  private readonly details: TrackerErrorDetail[] = [];

  add(field: string, message: string, allowed?: readonly string[]): void {
    this.details.push({ field, message, ...(allowed === undefined ? {} : { allowed }) });
  }

  demand(holds: boolean, field: string, message: string): void {
    if (!holds) this.add(field, message);
  }

  /** A trimmed text of 1 to `max` characters that every database can store; the empty text after a finding. */
  text(value: unknown, field: string, max: number): string {
    const text = typeof value === 'string' ? value.trim() : '';
    if (text === '' || isLongerThan(text, max) || UNSTORABLE.test(text)) {
      this.add(field, `${field} has to be a text of 1 to ${max} characters without control characters`);
      return '';
    }
    return text;
  }

  /** @throws {TrackerError} `validation_failed` naming every field at fault */
  throwIfAny(): void {
    if (this.details.length === 0) return;
    const messages = this.details.map(({ message }) => message).join('; ');
    throw new TrackerError('validation_failed', 400, `Not accepted: ${messages}.`, this.details);
  }
}
