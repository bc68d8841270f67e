import { Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { HostId } from '../admin/host-id.decorator';
import { ListQuery } from '../admin/list-query.decorator';
import { Scope } from '../admin/scope';
import { type TrackerScope } from '../tracker-postbacks.options';
import { type TrackerChatSummaryView, TrackerChatSummaryDto } from './chat-summary.dto';
import { type StatsFilters, TrackerStatsFiltersDto } from './stats-filters';
import { type TrackerStatsView, TrackerStatsDto } from './stats.dto';
import { TrackerStats } from './stats.service';

/** @internal */
@AdminController('stats', 'Statistics')
export class TrackerStatsController {
  constructor(@Inject(TrackerStats) private readonly stats: TrackerStats) {}

  @Get()
  @ApiOperation({
    operationId: 'getStats',
    summary: 'Count postbacks and conversions, and add up amounts',
    description:
      'By time of arrival. Only open conversions are counted and added up; what the network took back stands in `reversed`. ' +
      'Tests and conversions that a replay replaced are left out, and period aggregates of a network are never added up.',
  })
  @ApiQuery({ type: TrackerStatsFiltersDto })
  @ApiOkResponse({ type: TrackerStatsDto, description: 'One row for each day, event or integration.' })
  of(@ListQuery() filters: StatsFilters, @Scope() scope: TrackerScope): Promise<TrackerStatsView> {
    return this.stats.of(filters, scope);
  }
}

/** @internal */
@AdminController('chats', 'Statistics')
export class TrackerChatSummaryController {
  constructor(@Inject(TrackerStats) private readonly stats: TrackerStats) {}

  @Get(':chatId/summary')
  @ApiOperation({
    operationId: 'getChatSummary',
    summary: 'One chat at a glance',
    description:
      'Over all of its clicks and integrations; tests are left out. A chat that nothing is known of has zeros. Fastify ' +
      'refuses path parameters over 100 characters (`maxParamLength`) with 414.',
  })
  @ApiParam({
    name: 'chatId',
    type: String,
    example: 'chat-4711',
    description: "The host's chat, percent-encoded.",
  })
  @ApiOkResponse({ type: TrackerChatSummaryDto, description: 'The summary.' })
  ofChat(@HostId('chatId') chatId: string, @Scope() scope: TrackerScope): Promise<TrackerChatSummaryView> {
    return this.stats.ofChat(chatId, scope);
  }
}
