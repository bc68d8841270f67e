import { Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { HostId } from '../admin/host-id.decorator';
import { AdminController } from '../admin/admin.controller';
import { Scope } from '../admin/scope';
import { Body } from '../admin/validation';
import { quotable } from '../rules/text.rule';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TrackerError } from '../tracker-postbacks.errors';
import {
  type TrackerClickView,
  type IssuedClick,
  type ReassignedChat,
  type RegisteredClicks,
  TrackerClickDto,
  TrackerIssueClickDto,
  TrackerIssuedClickDto,
  TrackerReassignChatDto,
  TrackerReassignedChatDto,
  TrackerRegisterClicksDto,
  TrackerRegisteredClicksDto,
} from './clicks.dto';
import { TrackerClicks } from './clicks.service';

/** @internal */
@AdminController('clicks', 'Clicks')
export class TrackerClicksController {
  constructor(@Inject(TrackerClicks) private readonly clicks: TrackerClicks) {}

  @Post()
  @ApiOperation({
    operationId: 'issueClick',
    summary: 'Issue a click id for a chat',
    description:
      "The chat's newest id for this campaign where there is one, else a new one. Concurrent calls answer the same id.",
  })
  @ApiBody({ type: TrackerIssueClickDto })
  @ApiCreatedResponse({ type: TrackerIssuedClickDto, description: 'The click id, new or not.' })
  issue(
    @Body(TrackerIssueClickDto) body: TrackerIssueClickDto,
    @Scope() scope: TrackerScope,
  ): Promise<IssuedClick> {
    return this.clicks.issue(body, scope);
  }

  @Post('register')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'registerClicks',
    summary: 'Register click ids that somebody else made',
    description:
      'Up to 1,000 a call, all stored or none; the body limit of the host application holds too. A click is never ' +
      'moved from one chat to another. Postbacks that had waited for the clicks are judged before the answer.',
  })
  @ApiBody({ type: TrackerRegisterClicksDto })
  @ApiOkResponse({ type: TrackerRegisteredClicksDto, description: 'What became of the clicks.' })
  register(
    @Body(TrackerRegisterClicksDto) body: TrackerRegisterClicksDto,
    @Scope() scope: TrackerScope,
  ): Promise<RegisteredClicks> {
    return this.clicks.register({ clicks: body.clicks }, scope);
  }

  @Post('reassign')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'reassignChat',
    summary: "Move one chat's clicks, conversions and postbacks to another",
    description:
      'For chats of the host that were merged. All or nothing; nothing is emitted again. A chat without clicks moves ' +
      'nothing and answers zeros.',
  })
  @ApiBody({ type: TrackerReassignChatDto })
  @ApiOkResponse({ type: TrackerReassignedChatDto, description: 'How many rows were moved.' })
  reassign(
    @Body(TrackerReassignChatDto) body: TrackerReassignChatDto,
    @Scope() scope: TrackerScope,
  ): Promise<ReassignedChat> {
    return this.clicks.reassign(body, scope);
  }

  @Get(':clickId')
  @ApiOperation({
    operationId: 'getClick',
    summary: 'Look a click up',
    description:
      'Exactly this id: case counts. Percent-encode it. Fastify refuses path parameters over 100 characters ' +
      '(`maxParamLength`) with 414; the lists take click ids of any length as a filter.',
  })
  @ApiParam({
    name: 'clickId',
    type: String,
    example: 'k3JdQ9xT0aZb',
    description: 'The click id, percent-encoded.',
  })
  @ApiOkResponse({ type: TrackerClickDto, description: 'The click.' })
  async find(@HostId('clickId') clickId: string, @Scope() scope: TrackerScope): Promise<TrackerClickView> {
    const click = await this.clicks.find(clickId, scope);
    if (click === null) throw new TrackerError('not_found', 404, `There is no click "${quotable(clickId)}".`);
    return click;
  }
}
