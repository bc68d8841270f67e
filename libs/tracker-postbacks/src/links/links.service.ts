import { Inject, Injectable } from '@nestjs/common';
import { type DataSource } from 'typeorm';
import { decodeCursor, DEFAULT_LIMIT, MAX_LIMIT, type Page, pageOf } from '../admin/page';
import { TrackerAudit } from '../audit/audit.service';
import { TrackerClicks } from '../clicks/clicks.service';
import { TrackerDatabase } from '../database/tracker-database';
import { uuidV7 } from '../database/uuid-v7';
import { assertInUse } from '../integrations/integration-demands';
import { notFound, rowId } from '../integrations/integration-rows';
import { IntegrationStore, tenantOf } from '../integrations/integration-store';
import { type TrackerIntegration } from '../integrations/integration.entity';
import { renderedLink } from '../rules/link-rendering.rule';
import { linkUrl } from '../rules/link-template.rule';
import { type Locale } from '../rules/messages';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK, TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { TrackerLink } from './link.entity';
import { type LinkSurroundings } from './link-findings';
import {
  checkedLink,
  checkedRender,
  clickParameterTaken,
  type CreateLink,
  type ListLinks,
  type RenderLink,
  renderingRefused,
  type UpdateLink,
} from './link-input';
import { linkView, type RenderedLinkView, type TrackerLinkView } from './link-view';

/** As long as a real one: whether a link can be rendered must not depend on the click. */
const STAND_IN_CLICK_ID = '000000000000';

/** Whose links these are, and in which language findings and refusals are told. */
export interface TrackerLinkScope extends TrackerScope {
  /** @default 'en' */
  readonly locale?: Locale;
}

/**
 * Registration links: the landing URLs of a network, with our click id in the parameter that the network echoes. Every
 * call is for one tenant; another tenant's id is `not_found`. The links of an archived integration can be looked at, but
 * neither changed nor given out; those of a paused one work, and its postbacks are kept for a replay.
 *
 * @example
 * const link = await links.create(integration.id, { name: 'Landing', baseUrl: 'https://1w.example/?lang=en' });
 * const { url } = await links.render(link.id, { chatId: chat.id });
 */
@Injectable()
export class TrackerLinks {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(TrackerDatabase) private readonly database: TrackerDatabase,
    @Inject(IntegrationStore) private readonly integrations: IntegrationStore,
    @Inject(TrackerClicks) private readonly clicks: TrackerClicks,
    @Inject(TrackerAudit) private readonly audit: TrackerAudit,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * Adds a link to an integration. Its final URL is the base URL, byte for byte, with `{{tracker.clickid}}` in the
   * integration's click-id parameter.
   *
   * @throws {TrackerError} `validation_failed`, `base_url_invalid`, `click_parameter_taken`, `integration_archived`
   */
  async create(
    integrationId: string,
    input: CreateLink,
    scope: TrackerLinkScope = {},
  ): Promise<TrackerLinkView> {
    const integration = await this.integrations.row(integrationId, scope);
    assertInUse(integration);
    const { name = '', baseUrl = '' } = checkedLink(input, integration.clickIdParameter, localeOf(scope));
    const now = this.clock.now();
    const row = Object.assign(new TrackerLink(), {
      id: uuidV7(now),
      integrationId: integration.id,
      tenantId: integration.tenantId,
      name,
      baseUrl,
      createdAt: new Date(now),
      updatedAt: new Date(now),
    });
    await this.database.transaction(async (manager) => {
      await manager.insert(TrackerLink, row);
      const details = { integrationId: integration.id, name };
      await this.audit.record({ action: 'link.created', subjectId: row.id, details }, scope, manager);
    });
    return linkView(row, this.around(integration, scope));
  }

  /** One link with its final URL and findings. */
  async get(id: string, scope: TrackerLinkScope = {}): Promise<TrackerLinkView> {
    const { row, integration } = await this.found(id, scope);
    return linkView(row, this.around(integration, scope));
  }

  /** A page of an integration's links, newest first. */
  async list(
    integrationId: string,
    filter: ListLinks = {},
    scope: TrackerLinkScope = {},
  ): Promise<Page<TrackerLinkView>> {
    const limit = Math.min(MAX_LIMIT, Math.max(1, filter.limit ?? DEFAULT_LIMIT));
    const integration = await this.integrations.row(integrationId, scope);
    const query = this.dataSource.manager
      .createQueryBuilder(TrackerLink, 'link')
      .where('link.integrationId = :integrationId', { integrationId: integration.id })
      .orderBy('link.id', 'DESC')
      .limit(limit + 1);
    if (filter.cursor !== undefined)
      query.andWhere('link.id < :cursor', { cursor: decodeCursor(filter.cursor) });
    const around = this.around(integration, scope);
    return pageOf(await query.getMany(), limit, (row) => linkView(row, around));
  }

  /**
   * Changes name or base URL: absent unchanged.
   *
   * @throws {TrackerError} `validation_failed`, `base_url_invalid`, `click_parameter_taken`, `integration_archived`
   */
  async update(id: string, changes: UpdateLink, scope: TrackerLinkScope = {}): Promise<TrackerLinkView> {
    const { row, integration } = await this.found(id, scope);
    assertInUse(integration);
    const checked = checkedLink(changes, integration.clickIdParameter, localeOf(scope));
    const changed = { ...checked, updatedAt: new Date(this.clock.now()) };
    await this.database.transaction(async (manager) => {
      // Only what was given: somebody else may be changing the other column.
      await manager.update(TrackerLink, { id: row.id }, changed);
      const details = { integrationId: integration.id, changed: Object.keys(checked) };
      await this.audit.record({ action: 'link.updated', subjectId: row.id, details }, scope, manager);
    });
    return this.get(row.id, scope);
  }

  /**
   * Removes a link; clicks that it issued stay known.
   *
   * @throws {TrackerError} `integration_archived`
   */
  async remove(id: string, scope: TrackerLinkScope = {}): Promise<void> {
    const { row, integration } = await this.found(id, scope);
    assertInUse(integration);
    await this.database.transaction(async (manager) => {
      await manager.delete(TrackerLink, { id: row.id });
      const details = { integrationId: integration.id, name: row.name };
      await this.audit.record({ action: 'link.deleted', subjectId: row.id, details }, scope, manager);
    });
  }

  /**
   * The URL for one lead: issues the chat's click id for the integration's campaign, or takes the one it has, and fills
   * in the macros, percent-encoded. `tracker.clickid` is always that id, whatever the values say. A refused link issues
   * no click.
   *
   * @throws {TrackerError} `macro_left` naming every macro without a value, `url_too_long`, `value_not_usable`,
   * `click_parameter_taken`, `validation_failed`, `integration_archived`
   */
  async render(id: string, input: RenderLink, scope: TrackerLinkScope = {}): Promise<RenderedLinkView> {
    const { chatId, values = {} } = checkedRender(input);
    const { row, integration } = await this.found(id, scope);
    assertInUse(integration);
    const link = linkUrl(row.baseUrl, integration.clickIdParameter);
    if (!link.ok) throw clickParameterTaken(integration.clickIdParameter, link.value, 409, localeOf(scope));
    const filled = (clickId: string): string => {
      const rendered = renderedLink(link.url, {
        ...values,
        tracker: { ...values.tracker, clickid: clickId },
      });
      if (!rendered.ok) throw renderingRefused(rendered.problems, localeOf(scope));
      return rendered.url;
    };
    filled(STAND_IN_CLICK_ID);
    const { clickId } = await this.clicks.issue({ chatId, campaignId: integration.campaignId }, scope);
    return { url: filled(clickId), clickId };
  }

  private async found(
    id: string,
    scope: TrackerScope,
  ): Promise<{ readonly row: TrackerLink; readonly integration: TrackerIntegration }> {
    const row = await this.dataSource.manager.findOneBy(TrackerLink, {
      id: rowId(id),
      tenantId: tenantOf(scope),
    });
    if (row === null) throw notFound(id);
    return { row, integration: await this.integrations.row(row.integrationId, scope) };
  }

  private around(integration: TrackerIntegration, scope: TrackerLinkScope): LinkSurroundings {
    const { preset } = this.integrations.context(integration);
    return {
      clickIdParameter: integration.clickIdParameter,
      macroSyntax: integration.macroSyntax ?? preset.macroSyntax,
      locale: localeOf(scope),
    };
  }
}

function localeOf({ locale }: TrackerLinkScope): Locale {
  return locale ?? 'en';
}
