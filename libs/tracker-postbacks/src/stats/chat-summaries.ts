import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { conversionDto } from '../conversions/conversion.dto';
import { TrackerConversion } from '../conversions/conversion.entity';
import { IntegrationNetworks } from '../conversions/integration-networks';
import { TRACKER_DATA_SOURCE } from '../tracker-postbacks.tokens';
import { type TrackerChatSummaryView } from './chat-summary.dto';
import { StatsStore } from './stats.store';
import { countsOf, sumsOf } from './sums.rule';

const DEPOSITS: readonly string[] = ['sale', 'resale'];

/** What one chat has come to. */
@Injectable()
export class ChatSummaries {
  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(StatsStore) private readonly store: StatsStore,
    @Inject(IntegrationNetworks) private readonly networks: IntegrationNetworks,
  ) {}

  async of(chatId: string, tenantId: string): Promise<TrackerChatSummaryView> {
    const [groups, first, last] = await Promise.all([
      this.store.ofChat(tenantId, chatId),
      this.deposit(tenantId, chatId, 'ASC'),
      this.deposit(tenantId, chatId, 'DESC'),
    ]);
    const networks = await this.networks.of(
      tenantId,
      [first, last].flatMap((row) => row ?? []),
    );
    const view = (row: TrackerConversion | null) =>
      row === null ? null : conversionDto(row, networks.get(row.integrationId) ?? null);
    // A first and a repeated deposit are both deposits: their amounts are added.
    const deposits = groups.flatMap((group) =>
      DEPOSITS.includes(group.event) ? { ...group, event: 'deposit' } : [],
    );
    return {
      chatId,
      conversions: countsOf(groups),
      reversed: countsOf(groups, true),
      sums: sumsOf(deposits).map(({ currency, amount, reversed }) => ({ currency, amount, reversed })),
      sumsByEvent: sumsOf(groups),
      firstDeposit: view(first),
      lastDeposit: view(last),
    };
  }

  private deposit(
    tenantId: string,
    chatId: string,
    direction: 'ASC' | 'DESC',
  ): Promise<TrackerConversion | null> {
    return this.dataSource
      .createQueryBuilder(TrackerConversion, 'conversion')
      .where('conversion.tenantId = :tenantId AND conversion.chatId = :chatId', { tenantId, chatId })
      .andWhere('conversion.event IN (:...events)', { events: DEPOSITS })
      .andWhere('conversion.reversedAt IS NULL AND conversion.voidedAt IS NULL AND conversion.test = FALSE')
      .orderBy('conversion.id', direction)
      .limit(1)
      .getOne();
  }
}
