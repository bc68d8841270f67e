import { Get, Inject } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { HostId } from '../admin/host-id.decorator';
import { ListQuery } from '../admin/list-query.decorator';
import { Scope } from '../admin/scope';
import { TrackerClickTimeline } from './click-timeline.service';
import {
  type TimelinePage,
  type TrackerTimelineView,
  TrackerTimelineDto,
  TrackerTimelinePageDto,
} from './click-timeline.dto';
import { LANGUAGE } from './postback-log.openapi';
import { type TrackerLogScope } from './postback-log.service';

/** @internal */
@AdminController('clicks', 'Clicks')
export class TrackerClickTimelineController {
  constructor(@Inject(TrackerClickTimeline) private readonly timeline: TrackerClickTimeline) {}

  @Get(':clickId/timeline')
  @ApiOperation({
    operationId: 'getClickTimeline',
    summary: 'Everything that happened to a click',
    description:
      'Oldest first: the click, its postbacks of every verdict, conversions and what became of them, custom fields, ' +
      'events, and what handlers did with them. Paged by postbacks: what came of one stands on its page. An id that only ' +
      'postbacks name has a timeline too. Fastify refuses path parameters over 100 characters (`maxParamLength`) with 414.',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam({
    name: 'clickId',
    type: String,
    example: 'k3JdQ9xT0aZb',
    description: 'The click id, percent-encoded; case counts.',
  })
  @ApiQuery({ type: TrackerTimelinePageDto })
  @ApiOkResponse({ type: TrackerTimelineDto, description: 'One page.' })
  find(
    @HostId('clickId') clickId: string,
    @ListQuery() page: TimelinePage,
    @Scope() scope: TrackerLogScope,
  ): Promise<TrackerTimelineView> {
    return this.timeline.of(clickId, page, scope);
  }
}
