import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { decodeCursor, DEFAULT_LIMIT, MAX_LIMIT, type Page, pageOf } from '../admin/page';
import { uuidV7 } from '../database/uuid-v7';
import { NetworkRegistry } from '../networks/network-registry';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { ARCHIVE_MS } from './integration-directory';
import { changedSettings, draftConfigs, draftSettings, followedCurrency } from './integration-draft';
import {
  assertEventFree,
  assertInUse,
  assertSecretPossible,
  checkedGraceHours,
  ofId,
  urlAbilities,
} from './integration-demands';
import { configRows, integrationPage } from './integration-rows';
import { checkedSettings, type CreateIntegration, type UpdateIntegration } from './integration-settings';
import { IntegrationStore, tenantOf } from './integration-store';
import {
  integrationView,
  postbackConfigView,
  type TrackerIntegrationView,
  type TrackerPostbackConfigView,
} from './integration-view';
import { TrackerIntegration } from './integration.entity';
import { ProxyTrust } from './proxy-trust';
import {
  checkedPostbackConfig,
  type CreatePostbackConfig,
  type UpdatePostbackConfig,
} from './postback-config-settings';
import { TrackerPostbackConfig } from './postback-config.entity';
import { hashSecret, makeSecret } from './secret';

const HOUR_MS = 60 * 60 * 1000;

/** Which integrations to list. */
export interface ListIntegrations {
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  /** 1 to 200. @default 50 */
  readonly limit?: number | undefined;
  readonly network?: string | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  /** Archived ones that can still be restored, instead of those in use. @default false */
  readonly archived?: boolean | undefined;
}

/** A secret just made, and the URLs that carry it. */
export interface RotatedSecret {
  /** Shown this once. */
  readonly secret: string;
  /** ISO 8601; null when the secret before is no longer valid or there was none. */
  readonly previousValidUntil: string | null;
  readonly postbacks: readonly TrackerPostbackConfigView[];
}

/**
 * Connections of a tenant to affiliate networks. Every change takes effect for the next postback. For another tenant's
 * id, or one archived more than 30 days ago, every method throws `not_found`.
 *
 * @example
 * const { postbacks } = await integrations.create({ name: '1win', network: '1win' });
 */
@Injectable()
export class TrackerIntegrations {
  constructor(
    @Inject(IntegrationStore) private readonly store: IntegrationStore,
    @Inject(NetworkRegistry) private readonly networks: NetworkRegistry,
    @Inject(ProxyTrust) private readonly proxies: ProxyTrust,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Creates an integration with the postback configs of its network: the URLs in the answer are ready to paste.
   *
   * @throws {TrackerError} `validation_failed`, `secret_not_possible`
   */
  async create(input: CreateIntegration, scope: TrackerScope = {}): Promise<TrackerIntegrationView> {
    const { network, secret: wantsSecret = false, ...given } = input;
    if (hasAddresses(input)) this.proxies.assertAddressesKnown();
    const preset = this.networks.named(network);
    const { name = '', ...settings } = checkedSettings(given);
    if (wantsSecret) assertSecretPossible(preset);
    const secret = wantsSecret ? makeSecret() : undefined;
    const now = this.clock.now();
    const times = { createdAt: new Date(now), updatedAt: new Date(now) };
    const drafted = draftSettings(settings, preset);
    const row = Object.assign(new TrackerIntegration(), {
      id: randomUUID(),
      tenantId: tenantOf(scope),
      name,
      network: preset.key,
      status: 'active' as const,
      ...drafted,
      secretHash: secret === undefined ? null : hashSecret(secret),
      previousSecretHash: null,
      previousSecretValidUntil: null,
      revision: 1,
      ...times,
      deletedAt: null,
    });
    const configs = draftConfigs(preset, drafted).map((config, position) =>
      Object.assign(new TrackerPostbackConfig(), {
        id: uuidV7(now),
        integrationId: row.id,
        ...config,
        position,
        ...times,
      }),
    );
    await this.store.insert(row, configs, scope);
    return integrationView(row, configs, this.store.context(row, secret));
  }

  /** One integration, archived ones included. */
  async get(id: string, scope: TrackerScope = {}): Promise<TrackerIntegrationView> {
    return this.store.view(this.store.manager, await this.store.row(id, scope));
  }

  /** A page of integrations, newest first. */
  async list(filter: ListIntegrations = {}, scope: TrackerScope = {}): Promise<Page<TrackerIntegrationView>> {
    const { manager } = this.store;
    const limit = Math.min(MAX_LIMIT, Math.max(1, filter.limit ?? DEFAULT_LIMIT));
    const cursorId = filter.cursor === undefined ? undefined : decodeCursor(filter.cursor);
    const { network, status, archived = false } = filter;
    const archivedAfter = this.clock.now() - ARCHIVE_MS;
    const wanted = { tenantId: tenantOf(scope), network, status, archived, archivedAfter };
    const rows = await integrationPage(manager, wanted, cursorId, limit + 1);
    const ids = rows.map(({ id }) => id);
    const configs = await configRows(manager, ids);
    return pageOf(rows, limit, (row) =>
      integrationView(row, configs.get(row.id) ?? [], this.store.context(row)),
    );
  }

  /**
   * Changes settings: absent unchanged, null clears, `roles` and `eventMap` replaced whole. The click macro of the URLs
   * follows `clickIdParameter` and `macroSyntax`; a constant currency that was the default follows `defaultCurrency`.
   *
   * @throws {TrackerError} `validation_failed`, `integration_archived`
   */
  async update(
    id: string,
    changes: UpdateIntegration,
    scope: TrackerScope = {},
  ): Promise<TrackerIntegrationView> {
    if (hasAddresses(changes)) this.proxies.assertAddressesKnown();
    const settings = checkedSettings(changes);
    return this.store.change(id, scope, async (row, manager, audited) => {
      assertInUse(row);
      const changed = changedSettings(settings, this.networks.forIntegration(row.network));
      const { defaultCurrency = row.defaultCurrency } = changed;
      for (const config of (await configRows(manager, [row.id])).get(row.id) ?? []) {
        const currency = followedCurrency(config.currency, row.defaultCurrency, defaultCurrency);
        if (currency !== config.currency) {
          await manager.update(TrackerPostbackConfig, { id: config.id }, { currency });
        }
      }
      const details = { changed: Object.keys(changed) };
      await audited({ action: 'integration.updated', subjectId: row.id, details });
      return this.store.save(manager, row, changed);
    });
  }

  /** Takes the integration out of use: its URL keeps storing for 30 days, within which it can be restored. */
  async archive(id: string, scope: TrackerScope = {}): Promise<void> {
    await this.store.change(id, scope, async (row, manager, audited) => {
      if (row.deletedAt !== null) return;
      await this.store.save(manager, row, { deletedAt: new Date(this.clock.now()) });
      await audited({ action: 'integration.archived', subjectId: row.id });
    });
  }

  /** Takes an archived integration back into use. */
  async restore(id: string, scope: TrackerScope = {}): Promise<TrackerIntegrationView> {
    return this.store.change(id, scope, async (row, manager, audited) => {
      if (row.deletedAt !== null) await audited({ action: 'integration.restored', subjectId: row.id });
      return this.store.save(manager, row, { deletedAt: null });
    });
  }

  /**
   * Makes a new secret, the first or the next. The one before stays valid for `graceHours` (24); older ones do not.
   *
   * @throws {TrackerError} `secret_not_possible`, `integration_archived`
   */
  async rotateSecret(
    id: string,
    options: { readonly graceHours?: number | undefined } = {},
    scope: TrackerScope = {},
  ): Promise<RotatedSecret> {
    const graceHours = checkedGraceHours(options.graceHours ?? 24);
    const secret = makeSecret();
    return this.store.change(id, scope, async (row, manager, audited) => {
      assertInUse(row);
      assertSecretPossible(this.networks.forIntegration(row.network));
      const keepsPrevious = row.secretHash !== null && graceHours > 0;
      const until = keepsPrevious ? new Date(this.clock.now() + graceHours * HOUR_MS) : null;
      const rotated = {
        secretHash: hashSecret(secret),
        previousSecretHash: keepsPrevious ? row.secretHash : null,
        previousSecretValidUntil: until,
      };
      const { postbacks } = await this.store.save(manager, row, rotated, secret);
      const details = { graceHours: keepsPrevious ? graceHours : 0 };
      await audited({ action: 'integration.secret_rotated', subjectId: row.id, details });
      return { secret, previousValidUntil: until?.toISOString() ?? null, postbacks };
    });
  }

  /** The postback configs of an integration, each with its URL. */
  async listPostbacks(id: string, scope: TrackerScope = {}): Promise<Page<TrackerPostbackConfigView>> {
    const { postbacks } = await this.get(id, scope);
    return { items: postbacks, nextCursor: null };
  }

  /**
   * Adds the URL of one more event.
   *
   * @throws {TrackerError} `validation_failed`, `postback_event_taken`, `integration_archived`
   */
  async addPostback(
    id: string,
    input: CreatePostbackConfig,
    scope: TrackerScope = {},
  ): Promise<TrackerPostbackConfigView> {
    return this.store.change(id, scope, async (row, manager, audited) => {
      assertInUse(row);
      const context = this.store.context(row);
      const {
        name = '',
        event = '',
        ...content
      } = checkedPostbackConfig(input, urlAbilities(row, context.preset));
      const siblings = (await configRows(manager, [row.id])).get(row.id) ?? [];
      assertEventFree(event, siblings);
      const now = this.clock.now();
      const config = Object.assign(new TrackerPostbackConfig(), {
        id: uuidV7(now),
        integrationId: row.id,
        name,
        event,
        ...{ cost: null, currency: null, tid: null, fields: [], extra: null },
        ...content,
        position: (siblings.at(-1)?.position ?? -1) + 1,
        createdAt: new Date(now),
        updatedAt: new Date(now),
      });
      await manager.insert(TrackerPostbackConfig, config);
      await this.store.save(manager, row, {});
      const details = { integrationId: row.id, event };
      await audited({ action: 'postback_config.created', subjectId: config.id, details });
      return postbackConfigView(row, config, context);
    });
  }

  /**
   * Changes a postback config: absent unchanged, null clears, `fields` and `extra` replaced whole.
   *
   * @throws {TrackerError} `validation_failed`, `postback_event_taken`, `integration_archived`
   */
  async updatePostback(
    id: string,
    postbackConfigId: string,
    changes: UpdatePostbackConfig,
    scope: TrackerScope = {},
  ): Promise<TrackerPostbackConfigView> {
    return this.store.change(id, scope, async (row, manager, audited) => {
      assertInUse(row);
      const context = this.store.context(row);
      const siblings = (await configRows(manager, [row.id])).get(row.id) ?? [];
      const config = ofId(siblings, postbackConfigId);
      const changed = checkedPostbackConfig(changes, urlAbilities(row, context.preset));
      const others = siblings.filter((sibling) => sibling !== config);
      if (changed.event !== undefined) assertEventFree(changed.event, others);
      Object.assign(config, changed, { updatedAt: new Date(this.clock.now()) });
      await manager.save(TrackerPostbackConfig, config);
      await this.store.save(manager, row, {});
      const details = { integrationId: row.id, event: config.event, changed: Object.keys(changed) };
      await audited({ action: 'postback_config.updated', subjectId: config.id, details });
      return postbackConfigView(row, config, context);
    });
  }

  /** Removes a postback config; what its URL sends is still read and recorded. */
  async removePostback(id: string, postbackConfigId: string, scope: TrackerScope = {}): Promise<void> {
    await this.store.change(id, scope, async (row, manager, audited) => {
      assertInUse(row);
      const config = ofId((await configRows(manager, [row.id])).get(row.id) ?? [], postbackConfigId);
      await manager.delete(TrackerPostbackConfig, { id: config.id });
      await this.store.save(manager, row, {});
      const details = { integrationId: row.id, event: config.event };
      await audited({ action: 'postback_config.deleted', subjectId: config.id, details });
    });
  }
}

function hasAddresses({ allowedAddresses }: UpdateIntegration): boolean {
  return allowedAddresses !== undefined && allowedAddresses !== null;
}
