import { Delete, Get, HttpCode, Inject, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { FilterReader } from '../admin/filter-reader';
import { HostId } from '../admin/host-id.decorator';
import { ListQuery } from '../admin/list-query.decorator';
import { type Page } from '../admin/page';
import { type AdminScope, Scope } from '../admin/scope';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TrackerDeliveries } from './deliveries.service';
import {
  type RequeuedDeliveries,
  TrackerHandlerPageDto,
  type TrackerHandlerView,
  TrackerRequeuedDto,
} from './handler.dto';

const NAME = {
  name: 'name',
  type: String,
  example: 'ChatStatus.onSale',
  description: 'Name of the handler, percent-encoded.',
};

/** @internal */
@AdminController('handlers', 'Deliveries')
export class TrackerHandlersController {
  constructor(@Inject(TrackerDeliveries) private readonly deliveries: TrackerDeliveries) {}

  @Get()
  @ApiOperation({
    operationId: 'listHandlers',
    summary: 'Every durable handler, and how far it is',
    description:
      'Handlers belong to the application and so to all of its tenants; what they have still to do is counted for the ' +
      'tenant that asks.',
  })
  @ApiOkResponse({ type: TrackerHandlerPageDto, description: 'All of them, by name.' })
  async list(@ListQuery() filters: object, @Scope() scope: TrackerScope): Promise<Page<TrackerHandlerView>> {
    new FilterReader(filters, []).done();
    return { items: await this.deliveries.handlers(scope), nextCursor: null };
  }

  @Post(':name/requeue')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'requeueHandler',
    summary: 'Let everything run again that is parked for a handler',
    description: 'The oldest first, 500 a call, as `POST /deliveries/{id}/requeue` does for one.',
  })
  @ApiParam(NAME)
  @ApiOkResponse({ type: TrackerRequeuedDto, description: 'How many run again.' })
  @ApiConflictResponse({ type: TrackerErrorDto, description: '`handler_retired`' })
  requeue(@HostId('name') name: string, @Scope() scope: AdminScope): Promise<RequeuedDeliveries> {
    return this.deliveries.requeueAll(name, scope);
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'retireHandler',
    summary: 'Retire a handler that is gone from the code',
    description:
      'It gets no more events, and what is pending for it ends; what was parked can be looked at and not requeued. An ' +
      'application with several tenants retires handlers in its own code: `handlers_shared`.',
  })
  @ApiHeader({
    name: 'Accept-Language',
    required: false,
    schema: { type: 'string', example: 'ru' },
    description: 'Language of refusals: English or Russian.',
  })
  @ApiParam(NAME)
  @ApiNoContentResponse({ description: 'Retired.' })
  @ApiConflictResponse({ type: TrackerErrorDto, description: '`handler_in_use`, `handlers_shared`' })
  retire(@HostId('name') name: string, @Scope() scope: AdminScope): Promise<void> {
    return this.deliveries.retire(name, scope);
  }
}
