import { type IncomingMessage } from 'node:http';
import { Get, Inject, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { ApiCsv } from '../admin/csv.openapi';
import { CsvReply } from '../admin/csv-reply';
import { Scope } from '../admin/scope';
import { RowId } from '../admin/validation';
import { ListQuery } from '../admin/list-query.decorator';
import { type TrackerPostbackDetailView, TrackerPostbackDetailDto } from './postback-detail.dto';
import { PostbackExport } from './postback-export';
import {
  type PostbackExportFilters,
  type PostbackFilters,
  TrackerPostbackExportFiltersDto,
  TrackerPostbackFiltersDto,
} from './postback-filters';
import { LANGUAGE } from './postback-log.openapi';
import { type TrackerLogScope, TrackerPostbackLog } from './postback-log.service';
import { type TrackerPostbackPage, TrackerPostbackPageDto } from './postback.dto';

/** @internal */
@AdminController('postbacks', 'Postback log')
export class TrackerPostbackLogController {
  constructor(
    @Inject(TrackerPostbackLog) private readonly log: TrackerPostbackLog,
    @Inject(PostbackExport) private readonly exported: PostbackExport,
    @Inject(CsvReply) private readonly csv: CsvReply,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listPostbacks',
    summary: 'List postbacks',
    description: 'Everything that networks sent, with its verdict. Newest first by arrival.',
  })
  @ApiHeader(LANGUAGE)
  @ApiQuery({ type: TrackerPostbackFiltersDto })
  @ApiOkResponse({ type: TrackerPostbackPageDto, description: 'One page.' })
  list(@ListQuery() filters: PostbackFilters, @Scope() scope: TrackerLogScope): Promise<TrackerPostbackPage> {
    return this.log.list(filters, scope);
  }

  @Get('export.csv')
  @ApiOperation({
    operationId: 'exportPostbacks',
    summary: 'Export postbacks as CSV',
    description:
      'Everything that the filters find when it begins, newest first, streamed: of any size, in constant memory.',
  })
  @ApiHeader(LANGUAGE)
  @ApiQuery({ type: TrackerPostbackExportFiltersDto })
  @ApiCsv('A line of names, then one for each postback.', 'id,receivedAt,status,code,message')
  export(
    @ListQuery() filters: PostbackExportFilters,
    @Scope() scope: TrackerLogScope,
    @Req() request: IncomingMessage,
    // Past the host's interceptors: they would buffer or wrap it.
    @Res() response: unknown,
  ): Promise<void> {
    return this.csv.send(request, response, this.exported.table(filters, scope));
  }

  @Get(':id')
  @ApiOperation({
    operationId: 'getPostback',
    summary: 'Look a postback up',
    description:
      'With its parameters by role, how it differs from what the integration expects, what it changed, the reply, the ' +
      'events it gave rise to, and every attempt of the handlers that ran for them.',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam({
    name: 'id',
    type: String,
    format: 'uuid',
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a',
    description: 'Id of the postback.',
  })
  @ApiOkResponse({ type: TrackerPostbackDetailDto, description: 'The postback.' })
  get(@RowId() id: string, @Scope() scope: TrackerLogScope): Promise<TrackerPostbackDetailView> {
    return this.log.get(id, scope);
  }
}
