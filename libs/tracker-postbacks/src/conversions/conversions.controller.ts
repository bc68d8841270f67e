import { Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { type Page } from '../admin/page';
import { Scope } from '../admin/scope';
import { RowId } from '../admin/validation';
import { type TrackerScope } from '../tracker-postbacks.options';
import { type TrackerConversionView, TrackerConversionDto, TrackerConversionPageDto } from './conversion.dto';
import { TrackerConversions } from './conversions.service';
import { type ListFilters, TrackerListFiltersDto } from './list-filters';
import { ListQuery } from '../admin/list-query.decorator';

/** @internal */
@AdminController('conversions', 'Conversions')
export class TrackerConversionsController {
  constructor(@Inject(TrackerConversions) private readonly conversions: TrackerConversions) {}

  @Get()
  @ApiOperation({
    operationId: 'listConversions',
    summary: 'List conversions',
    description: 'Newest first by arrival, reversed and voided ones included.',
  })
  @ApiQuery({ type: TrackerListFiltersDto })
  @ApiOkResponse({ type: TrackerConversionPageDto, description: 'One page.' })
  list(
    @ListQuery() filters: ListFilters,
    @Scope() scope: TrackerScope,
  ): Promise<Page<TrackerConversionView>> {
    return this.conversions.list(filters, scope);
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getConversion',
    summary: 'Look a conversion up',
    description: 'Also one that was reversed or voided.',
  })
  @ApiParam({
    name: 'id',
    type: String,
    format: 'uuid',
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b',
    description: 'Id of the conversion.',
  })
  @ApiOkResponse({ type: TrackerConversionDto, description: 'The conversion.' })
  get(@RowId() id: string, @Scope() scope: TrackerScope): Promise<TrackerConversionView> {
    return this.conversions.get(id, scope);
  }
}
