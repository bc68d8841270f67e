import { Inject, Injectable } from '@nestjs/common';
import { type TrackerIntegration } from '../integrations/integration.entity';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerClock, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { ChatSummaries } from './chat-summaries';
import { type TrackerChatSummaryView } from './chat-summary.dto';
import { CountedRejections } from './counted-rejections';
import { type StatsFilters, statsCriteria } from './stats-filters';
import { noPostbacks, type TrackerIntegrationPulseDto, type TrackerStatsView } from './stats.dto';
import { type KeyedConversions, StatsStore } from './stats.store';
import { countsOf, order, sumsOf } from './sums.rule';

/** How long an active integration may hear nothing before it counts as silent; milliseconds. */
const SILENT_MS = 24 * 60 * 60 * 1000;

/** Counts and sums over postbacks and conversions. Every call is for one tenant. */
@Injectable()
export class TrackerStats {
  constructor(
    @Inject(StatsStore) private readonly store: StatsStore,
    @Inject(CountedRejections) private readonly rejections: CountedRejections,
    @Inject(ChatSummaries) private readonly chats: ChatSummaries,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /**
   * What arrived in a range of time, by time of arrival. Only open conversions are counted and added up, what the network
   * took back stands beside them; tests and replaced conversions are left out, and amounts are exact.
   *
   * @throws TrackerError `validation_failed` naming the filter that is unknown or cannot be read
   */
  async of(filters: StatsFilters = {}, scope: TrackerScope = {}): Promise<TrackerStatsView> {
    const now = this.clock.now();
    const criteria = statsCriteria(filters, now);
    const tenantId = scope.tenantId ?? DEFAULT_TENANT;
    const { groupBy, timeZone } = criteria;
    const [stored, counted, conversions, pulses] = await Promise.all([
      this.store.postbacks(tenantId, criteria),
      this.rejections.of(tenantId, criteria),
      this.store.conversions(tenantId, criteria),
      groupBy === 'integration' ? this.pulses(tenantId, now) : new Map<string, Pulse>(),
    ]);
    const postbacks = [...stored, ...counted.map((row) => ({ ...row, status: 'rejected' as const }))];
    const keys = new Set([
      ...postbacks.map(({ key }) => key),
      ...conversions.map(({ key }) => key),
      ...[...pulses].flatMap(([id, { inUse }]) => (inUse ? id : [])),
    ]);
    const counts = new Map([...keys].map((key) => [key, noPostbacks()]));
    for (const { key, status, count } of postbacks) {
      const row = counts.get(key);
      if (row !== undefined) row[status] += count;
    }
    const groups = new Map<string | null, KeyedConversions[]>([...keys].map((key) => [key, []]));
    for (const group of conversions) groups.get(group.key)?.push(group);
    return {
      from: new Date(criteria.from).toISOString(),
      to: new Date(criteria.to).toISOString(),
      timeZone,
      groupBy,
      rows: [...keys].sort(order).map((key) => {
        const integration = key === null ? undefined : pulses.get(key)?.view;
        return {
          key,
          postbacks: counts.get(key) ?? noPostbacks(),
          conversions: countsOf(groups.get(key) ?? []),
          sums: sumsOf(groups.get(key) ?? []),
          ...(integration === undefined ? {} : { integration }),
        };
      }),
    };
  }

  /**
   * One chat at a glance, over all of its clicks and integrations. A chat that nothing is known of has zeros.
   */
  ofChat(chatId: string, scope: TrackerScope = {}): Promise<TrackerChatSummaryView> {
    return this.chats.of(chatId, scope.tenantId ?? DEFAULT_TENANT);
  }

  private async pulses(tenantId: string, now: number): Promise<ReadonlyMap<string, Pulse>> {
    const [integrations, last] = await Promise.all([
      this.store.integrations(tenantId),
      this.store.lastPostbacks(tenantId),
    ]);
    return new Map(integrations.map((row) => [row.id, pulseOf(row, last.get(row.id) ?? null, now)]));
  }
}

interface Pulse {
  readonly inUse: boolean;
  readonly view: TrackerIntegrationPulseDto;
}

function pulseOf(row: TrackerIntegration, last: number | null, now: number): Pulse {
  const { name, network, status, createdAt, deletedAt } = row;
  const since = last ?? createdAt.getTime();
  const isSilent = status === 'active' && deletedAt === null && now - since >= SILENT_MS;
  return {
    inUse: deletedAt === null,
    view: {
      name,
      network,
      status,
      lastPostbackAt: last === null ? null : new Date(last).toISOString(),
      silentSince: isSilent ? new Date(since).toISOString() : null,
    },
  };
}
