import { Get, Inject } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { Scope } from '../admin/scope';
import { RowId } from '../admin/validation';
import { ListQuery } from '../admin/list-query.decorator';
import { type TrackerPostbackDetailView, TrackerPostbackDetailDto } from './postback-detail.dto';
import { type PostbackFilters, TrackerPostbackFiltersDto } from './postback-filters';
import { type TrackerLogScope, TrackerPostbackLog } from './postback-log.service';
import { type TrackerPostbackPage, TrackerPostbackPageDto } from './postback.dto';

const LANGUAGE = {
  name: 'Accept-Language',
  required: false,
  schema: { type: 'string' as const, example: 'ru' },
  description: 'Language of the messages: English or Russian.',
};

/** @internal */
@AdminController('postbacks', 'Postback log')
export class TrackerPostbackLogController {
  constructor(@Inject(TrackerPostbackLog) private readonly log: TrackerPostbackLog) {}

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

  @Get(':id')
  @ApiOperation({
    operationId: 'getPostback',
    summary: 'Look a postback up',
    description: 'With its body, the events it gave rise to, and the handlers that ran for them.',
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
