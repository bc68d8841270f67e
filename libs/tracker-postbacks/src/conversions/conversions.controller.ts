import { type IncomingMessage } from 'node:http';
import { Get, Inject, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { ApiCsv } from '../admin/csv.openapi';
import { CsvReply } from '../admin/csv-reply';
import { type Page } from '../admin/page';
import { Scope } from '../admin/scope';
import { RowId } from '../admin/validation';
import { type TrackerScope } from '../tracker-postbacks.options';
import { type TrackerConversionView, TrackerConversionDto, TrackerConversionPageDto } from './conversion.dto';
import { ConversionExport } from './conversion-export';
import { TrackerConversions } from './conversions.service';
import {
  type ListExportFilters,
  type ListFilters,
  TrackerExportFiltersDto,
  TrackerListFiltersDto,
} from './list-filters';
import { ListQuery } from '../admin/list-query.decorator';

/** @internal */
@AdminController('conversions', 'Conversions')
export class TrackerConversionsController {
  constructor(
    @Inject(TrackerConversions) private readonly conversions: TrackerConversions,
    @Inject(ConversionExport) private readonly exported: ConversionExport,
    @Inject(CsvReply) private readonly csv: CsvReply,
  ) {}

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

  @Get('export.csv')
  @ApiOperation({
    operationId: 'exportConversions',
    summary: 'Export conversions as CSV',
    description:
      'Everything that the filters find when it begins, newest first, streamed: of any size, in constant memory.',
  })
  @ApiQuery({ type: TrackerExportFiltersDto })
  @ApiCsv('A line of names, then one for each conversion.', 'id,receivedAt,event,reportedEvent,ordinal')
  export(
    @ListQuery() filters: ListExportFilters,
    @Scope() scope: TrackerScope,
    @Req() request: IncomingMessage,
    // Past the host's interceptors: they would buffer or wrap it.
    @Res() response: unknown,
  ): Promise<void> {
    return this.csv.send(request, response, this.exported.table(filters, scope));
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
