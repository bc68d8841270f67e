import { Delete, Get, HttpCode, Inject, Patch, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { type Page } from '../admin/page';
import { type AdminScope, Scope } from '../admin/scope';
import { Body, Query, RowId } from '../admin/validation';
import { TrackerIntegrationDto, TrackerIntegrationPageDto, TrackerSecretDto } from './integration.dto';
import {
  TrackerCreateIntegrationDto,
  TrackerIntegrationQueryDto,
  TrackerRotateSecretDto,
  TrackerUpdateIntegrationDto,
} from './integration-request.dto';
import { type TrackerIntegrationView, type TrackerPostbackConfigView } from './integration-view';
import { type RotatedSecret, TrackerIntegrations } from './integrations.service';
import {
  TrackerCreatePostbackConfigDto,
  TrackerPostbackConfigDto,
  TrackerPostbackConfigPageDto,
  TrackerUpdatePostbackConfigDto,
} from './postback-config.dto';

const ID = {
  name: 'id',
  type: String,
  format: 'uuid',
  description: 'The integration.',
  example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e',
} as const;
const CONFIG_ID = {
  name: 'postbackConfigId',
  type: String,
  format: 'uuid',
  description: 'The postback config: one event of the integration.',
  example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77',
} as const;
const ARCHIVED = { type: TrackerErrorDto, description: '`integration_archived`' };
const TAKEN = { type: TrackerErrorDto, description: '`postback_event_taken`, `integration_archived`' };

@AdminController('integrations', 'Tracker integrations')
export class TrackerIntegrationsController {
  constructor(@Inject(TrackerIntegrations) private readonly integrations: TrackerIntegrations) {}

  @Post()
  @ApiOperation({
    operationId: 'createIntegration',
    summary: 'Create an integration; its postback URLs are ready to paste',
  })
  @ApiBody({ type: TrackerCreateIntegrationDto })
  @ApiCreatedResponse({ type: TrackerIntegrationDto })
  create(
    @Body(TrackerCreateIntegrationDto) body: TrackerCreateIntegrationDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerIntegrationView> {
    return this.integrations.create(body, scope);
  }

  @Get()
  @ApiOperation({ operationId: 'listIntegrations', summary: 'Integrations, newest first' })
  @ApiQuery({ type: TrackerIntegrationQueryDto })
  @ApiOkResponse({ type: TrackerIntegrationPageDto })
  list(
    @Query(TrackerIntegrationQueryDto) { archived, ...query }: TrackerIntegrationQueryDto,
    @Scope() scope: AdminScope,
  ): Promise<Page<TrackerIntegrationView>> {
    return this.integrations.list({ ...query, archived: archived === 'true' }, scope);
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getIntegration', summary: 'One integration with its postback URLs' })
  @ApiParam(ID)
  @ApiOkResponse({ type: TrackerIntegrationDto })
  get(@RowId() id: string, @Scope() scope: AdminScope): Promise<TrackerIntegrationView> {
    return this.integrations.get(id, scope);
  }

  @Patch(':id')
  @ApiOperation({
    operationId: 'updateIntegration',
    summary: 'Change settings: absent unchanged, null clears, roles and eventMap replaced whole',
  })
  @ApiParam(ID)
  @ApiBody({ type: TrackerUpdateIntegrationDto })
  @ApiOkResponse({ type: TrackerIntegrationDto })
  @ApiConflictResponse(ARCHIVED)
  update(
    @RowId() id: string,
    @Body(TrackerUpdateIntegrationDto) body: TrackerUpdateIntegrationDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerIntegrationView> {
    return this.integrations.update(id, body, scope);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'archiveIntegration',
    summary: 'Archive an integration: its URL keeps storing for 30 days and it can be restored',
  })
  @ApiParam(ID)
  @ApiNoContentResponse()
  archive(@RowId() id: string, @Scope() scope: AdminScope): Promise<void> {
    return this.integrations.archive(id, scope);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @ApiOperation({ operationId: 'restoreIntegration', summary: 'Take an archived integration back into use' })
  @ApiParam(ID)
  @ApiOkResponse({ type: TrackerIntegrationDto })
  restore(@RowId() id: string, @Scope() scope: AdminScope): Promise<TrackerIntegrationView> {
    return this.integrations.restore(id, scope);
  }

  @Post(':id/secret')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'rotateIntegrationSecret',
    summary: 'Make a new secret; the one before stays valid for graceHours',
  })
  @ApiParam(ID)
  @ApiBody({ type: TrackerRotateSecretDto, required: false })
  @ApiOkResponse({ type: TrackerSecretDto })
  @ApiConflictResponse(ARCHIVED)
  rotateSecret(
    @RowId() id: string,
    @Body(TrackerRotateSecretDto) body: TrackerRotateSecretDto,
    @Scope() scope: AdminScope,
  ): Promise<RotatedSecret> {
    return this.integrations.rotateSecret(id, body, scope);
  }

  @Get(':id/postbacks')
  @ApiOperation({ operationId: 'listPostbackConfigs', summary: 'The postback URLs of an integration' })
  @ApiParam(ID)
  @ApiOkResponse({ type: TrackerPostbackConfigPageDto })
  listPostbacks(@RowId() id: string, @Scope() scope: AdminScope): Promise<Page<TrackerPostbackConfigView>> {
    return this.integrations.listPostbacks(id, scope);
  }

  @Post(':id/postbacks')
  @ApiOperation({ operationId: 'createPostbackConfig', summary: 'Add the URL of one more event' })
  @ApiParam(ID)
  @ApiBody({ type: TrackerCreatePostbackConfigDto })
  @ApiCreatedResponse({ type: TrackerPostbackConfigDto })
  @ApiConflictResponse(TAKEN)
  addPostback(
    @RowId() id: string,
    @Body(TrackerCreatePostbackConfigDto) body: TrackerCreatePostbackConfigDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerPostbackConfigView> {
    return this.integrations.addPostback(id, body, scope);
  }

  @Patch(':id/postbacks/:postbackConfigId')
  @ApiOperation({
    operationId: 'updatePostbackConfig',
    summary: 'Change a postback URL: absent unchanged, null clears, fields and extra replaced whole',
  })
  @ApiParam(ID)
  @ApiParam(CONFIG_ID)
  @ApiBody({ type: TrackerUpdatePostbackConfigDto })
  @ApiOkResponse({ type: TrackerPostbackConfigDto })
  @ApiConflictResponse(TAKEN)
  updatePostback(
    @RowId() id: string,
    @RowId('postbackConfigId') postbackConfigId: string,
    @Body(TrackerUpdatePostbackConfigDto) body: TrackerUpdatePostbackConfigDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerPostbackConfigView> {
    return this.integrations.updatePostback(id, postbackConfigId, body, scope);
  }

  @Delete(':id/postbacks/:postbackConfigId')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deletePostbackConfig', summary: 'Remove a postback URL' })
  @ApiParam(ID)
  @ApiParam(CONFIG_ID)
  @ApiNoContentResponse()
  @ApiConflictResponse(ARCHIVED)
  removePostback(
    @RowId() id: string,
    @RowId('postbackConfigId') postbackConfigId: string,
    @Scope() scope: AdminScope,
  ): Promise<void> {
    return this.integrations.removePostback(id, postbackConfigId, scope);
  }
}
