import { Inject, Injectable, Logger } from '@nestjs/common';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';

const TIMEOUT_MS = 2_000;

/** Asks the host which custom fields its CRM has; a host that cannot say costs nothing but the comparison. */
@Injectable()
export class CustomFieldKeys {
  private readonly logger = new Logger(CustomFieldKeys.name);

  constructor(@Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions) {}

  /** Null where the host does not list its fields, or cannot now. */
  async of(tenantId: string): Promise<ReadonlySet<string> | null> {
    const { customFields } = this.options;
    if (customFields === undefined) return null;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`customFields.keys did not answer within ${TIMEOUT_MS} ms.`));
      }, TIMEOUT_MS);
    });
    try {
      // Inside a promise, so that a port that throws at once is no different from one that rejects.
      const asked = Promise.resolve().then(() => customFields.keys(tenantId));
      return new Set(await Promise.race([asked, late]));
    } catch (error) {
      this.logger.warn(`The CRM's custom fields could not be listed: ${String(error)}`);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
