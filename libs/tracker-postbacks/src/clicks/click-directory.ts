import { Inject, Injectable, Logger } from '@nestjs/common';
import {
  type ClickResolver,
  type TrackerClock,
  type TrackerPostbacksOptions,
} from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { MAX_ID_LENGTH } from './click-input';
import { ClickStore } from './click.store';

const RESOLVER_TIMEOUT_MS = 2_000;
const SILENCE_MS = 5_000;

/** The key a {@link ClickResolver} answers by: tenant and click id, which no other pair shares. */
export function clickKey(tenantId: string, clickId: string): string {
  return `${tenantId.length}:${tenantId}${clickId}`;
}

/** A click that the resolver knows, in the words of its table. */
export interface ResolvedRow {
  readonly tenant_id: string;
  readonly click_id: string;
  readonly chat_id: string;
  readonly campaign_id: string | null;
}

/** Asks the host's resolver for clicks that have no row yet and gives those it knows a row. */
@Injectable()
export class ClickDirectory {
  private readonly logger = new Logger(ClickDirectory.name);
  private readonly resolver: ClickResolver | undefined;
  /** It failed a moment ago and is not asked before then. */
  private silentUntil = 0;

  constructor(
    @Inject(ClickStore) private readonly store: ClickStore,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
  ) {
    this.resolver = options.clickResolver;
  }

  /** Whether the host keeps click ids elsewhere. */
  get hasResolver(): boolean {
    return this.resolver !== undefined;
  }

  /** `found` when at least one of these clicks has a row now that had none; `failed` when the resolver could not say. */
  async resolve(
    wanted: readonly { readonly t: string; readonly c: string }[],
  ): Promise<'found' | 'none' | 'failed'> {
    if (wanted.length > 0 && this.clock.now() < this.silentUntil) return 'failed';
    try {
      const rows = await this.ask(wanted);
      return rows.length === 0 ? 'none' : await this.insert(rows);
    } catch (error) {
      // One that hangs would hold up every batch for its whole time; meanwhile its postbacks are kept at once.
      this.silentUntil = this.clock.now() + SILENCE_MS;
      this.logger.error('The ClickResolver failed; the postbacks that needed it are kept.', String(error));
      return 'failed';
    }
  }

  /** The clicks that the resolver knows of these, without giving them rows; none where it cannot say. */
  async peek(wanted: readonly { readonly t: string; readonly c: string }[]): Promise<readonly ResolvedRow[]> {
    try {
      return await this.ask(wanted);
    } catch (error) {
      this.logger.warn(`The ClickResolver failed: ${String(error)}`);
      return [];
    }
  }

  private async ask(
    wanted: readonly { readonly t: string; readonly c: string }[],
  ): Promise<readonly ResolvedRow[]> {
    if (this.resolver === undefined || wanted.length === 0) return [];
    const unique = new Map(wanted.map(({ t, c }) => [clickKey(t, c), { tenantId: t, clickId: c }]));
    const signal = AbortSignal.timeout(RESOLVER_TIMEOUT_MS);
    const known = await Promise.race([
      this.resolver.resolve([...unique.values()], signal),
      new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error(`The ClickResolver did not answer within ${RESOLVER_TIMEOUT_MS} ms.`));
        });
      }),
    ]);
    return [...unique].flatMap(([key, { tenantId, clickId }]) => {
      const click = known.get(key);
      // One answer that fits no column must not hold up the batch: that click stays unknown.
      return click === undefined ||
        !isId(click.chatId) ||
        !(click.campaignId === undefined || isId(click.campaignId))
        ? []
        : [
            {
              tenant_id: tenantId,
              click_id: clickId,
              chat_id: click.chatId,
              campaign_id: click.campaignId ?? null,
            },
          ];
    });
  }

  private async insert(rows: readonly ResolvedRow[]): Promise<'found'> {
    const createdAt = this.clock.now();
    const clicks = rows.map(
      ({ tenant_id: tenantId, click_id: clickId, chat_id: chatId, campaign_id: campaignId }) => ({
        ...{ tenantId, clickId, chatId, campaignId, createdAt },
        ...({ source: 'resolver', issueKey: null } as const),
      }),
    );
    await this.store.insert(clicks);
    return 'found';
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID_LENGTH;
}
