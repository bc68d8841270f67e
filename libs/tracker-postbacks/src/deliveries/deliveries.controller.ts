import { Get, HttpCode, Inject, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { HostId } from '../admin/host-id.decorator';
import { ListQuery } from '../admin/list-query.decorator';
import { type Page } from '../admin/page';
import { type AdminScope, Scope } from '../admin/scope';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TrackerDeliveries } from './deliveries.service';
import {
  type DeliveryFilters,
  TrackerDeliveryFiltersDto,
  TrackerDeliveryPageDto,
  type TrackerDeliveryView,
  TrackerListedDeliveryDto,
} from './delivery.dto';

const DELIVERY_ID = { name: 'id', type: String, example: '108', description: 'Id of the delivery.' };

/** @internal */
@AdminController('deliveries', 'Deliveries')
export class TrackerDeliveriesController {
  constructor(@Inject(TrackerDeliveries) private readonly deliveries: TrackerDeliveries) {}

  @Get()
  @ApiOperation({
    operationId: 'listDeliveries',
    summary: 'List what handlers were given, are to be given, and were given up on',
    description:
      'One row for each event and handler, newest first by recording. `status=parked` is the list to work through: mend ' +
      'the cause that the errors tell, then requeue.',
  })
  @ApiQuery({ type: TrackerDeliveryFiltersDto })
  @ApiOkResponse({ type: TrackerDeliveryPageDto, description: 'One page.' })
  list(
    @ListQuery() filters: DeliveryFilters,
    @Scope() scope: TrackerScope,
  ): Promise<Page<TrackerDeliveryView>> {
    return this.deliveries.list(filters, scope);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getDelivery', summary: 'Look a delivery up, with its errors' })
  @ApiParam(DELIVERY_ID)
  @ApiOkResponse({ type: TrackerListedDeliveryDto, description: 'The delivery.' })
  get(@HostId('id') id: string, @Scope() scope: TrackerScope): Promise<TrackerDeliveryView> {
    return this.deliveries.get(id, scope);
  }

  @Post(':id/requeue')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'requeueDelivery',
    summary: 'Let a parked delivery run again',
    description:
      'With as many attempts as a new one; its errors are kept. Later events of the click that are not finished wait for ' +
      'it; those that were finished while it was parked have been handed over before it.',
  })
  @ApiHeader({
    name: 'Accept-Language',
    required: false,
    schema: { type: 'string', example: 'ru' },
    description: 'Language of refusals: English or Russian.',
  })
  @ApiParam(DELIVERY_ID)
  @ApiOkResponse({ type: TrackerListedDeliveryDto, description: 'The delivery, pending.' })
  @ApiConflictResponse({ type: TrackerErrorDto, description: '`delivery_not_parked`, `handler_retired`' })
  requeue(@HostId('id') id: string, @Scope() scope: AdminScope): Promise<TrackerDeliveryView> {
    return this.deliveries.requeue(id, scope);
  }
}
