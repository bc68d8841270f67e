import { HttpCode, Inject, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiGoneResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { type AdminScope, Scope } from '../admin/scope';
import { Body, RowId } from '../admin/validation';
import { type ReplayResult } from '../postbacks/replay.service';
import { messageOf } from '../rules/messages';
import {
  TrackerCountDto,
  TrackerRecordConversionDto,
  TrackerRecordedConversionDto,
  TrackerReplayManyDto,
  TrackerReplayOneDto,
  TrackerReplayReportDto,
  TrackerReplayResultDto,
} from './corrections.dto';
import { type ReplayReport, TrackerCorrections } from './corrections.service';
import { TrackerPostbackDetailDto, type TrackerPostbackDetailView } from './postback-detail.dto';
import { TrackerPostbackLog } from './postback-log.service';

const ID = {
  name: 'id',
  type: String,
  format: 'uuid',
  description: 'The postback.',
  example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77',
} as const;
const ERASED = { type: TrackerErrorDto, description: '`erased`: nothing is left to judge' };

/** What a person does about postbacks that went wrong. */
@AdminController('postbacks', 'Tracker postback log')
export class TrackerCorrectionsController {
  constructor(
    @Inject(TrackerCorrections) private readonly corrections: TrackerCorrections,
    @Inject(TrackerPostbackLog) private readonly log: TrackerPostbackLog,
  ) {}

  @Post('replay')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'replayPostbacks',
    summary: "Judge a filtered set again with today's recipes, oldest first, 500 a call",
  })
  @ApiBody({ type: TrackerReplayManyDto })
  @ApiOkResponse({ type: TrackerReplayReportDto })
  replayAll(
    @Body(TrackerReplayManyDto) { filter, dryRun = false }: TrackerReplayManyDto,
    @Scope() scope: AdminScope,
  ): Promise<ReplayReport> {
    return this.corrections.replayAll(filter, { dryRun }, scope);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'replayPostback',
    summary: "Judge one stored postback again with today's recipe",
    description:
      'As if its own earlier result did not exist: the same conversion is amended, another one replaces it, a first ' +
      'one is recorded; where it would be refused or be a duplicate of another postback nothing changes.',
  })
  @ApiParam(ID)
  @ApiBody({ type: TrackerReplayOneDto, required: false })
  @ApiOkResponse({ type: TrackerReplayResultDto })
  @ApiGoneResponse(ERASED)
  replay(
    @RowId() id: string,
    @Body(TrackerReplayOneDto) { dryRun = false }: TrackerReplayOneDto,
    @Scope() scope: AdminScope,
  ): Promise<ReplayResult> {
    return this.corrections.replay(id, { dryRun }, scope);
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'releasePostback',
    summary: 'Let a quarantined postback in and have it judged',
  })
  @ApiParam(ID)
  @ApiOkResponse({ type: TrackerPostbackDetailDto })
  @ApiGoneResponse(ERASED)
  @ApiConflictResponse({ type: TrackerErrorDto, description: '`not_quarantined`' })
  async release(@RowId() id: string, @Scope() scope: AdminScope): Promise<TrackerPostbackDetailView> {
    await this.corrections.release(id, scope);
    return this.log.get(id, scope);
  }

  @Post(':id/count')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'countPostback',
    summary: 'Count a duplicate as a conversion of its own, with a reason',
  })
  @ApiParam(ID)
  @ApiBody({ type: TrackerCountDto })
  @ApiOkResponse({ type: TrackerReplayResultDto })
  @ApiGoneResponse(ERASED)
  @ApiConflictResponse({ type: TrackerErrorDto, description: '`not_a_duplicate`' })
  count(
    @RowId() id: string,
    @Body(TrackerCountDto) { reason }: TrackerCountDto,
    @Scope() scope: AdminScope,
  ): Promise<ReplayResult> {
    return this.corrections.count(id, reason, scope);
  }
}

/** "Send event": beside the list of conversions, recorded by the same rules as a postback. */
@AdminController('conversions', 'Tracker conversions')
export class TrackerRecordConversionController {
  constructor(@Inject(TrackerCorrections) private readonly corrections: TrackerCorrections) {}

  @Post()
  @ApiOperation({
    operationId: 'recordConversion',
    summary: 'Record an event by hand, by the same rules as if the network had sent it',
  })
  @ApiBody({ type: TrackerRecordConversionDto })
  @ApiCreatedResponse({ type: TrackerRecordedConversionDto })
  async record(
    @Body(TrackerRecordConversionDto) body: TrackerRecordConversionDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerRecordedConversionDto> {
    const outcome = await this.corrections.record(body, scope);
    const { status, code, postbackId, event, conversionId, args, parameter, warnings } = outcome;
    return {
      status,
      code,
      message: messageOf(code, scope.locale, args, parameter),
      postbackId,
      event,
      conversionId,
      warnings: warnings.map((warning) => ({
        code: warning.code,
        parameter: warning.parameter,
        message: messageOf(warning.code, scope.locale, warning.args, warning.parameter),
      })),
    };
  }
}
