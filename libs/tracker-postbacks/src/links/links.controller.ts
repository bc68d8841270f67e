import {
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Inject,
  Patch,
  Post,
} from '@nestjs/common';
import {
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { type Page } from '../admin/page';
import { type AdminScope, Scope } from '../admin/scope';
import { Body, Query, RowId } from '../admin/validation';
import { type RenderLink } from './link-input';
import { type RenderedLinkView, type TrackerLinkView } from './link-view';
import {
  TrackerCreateLinkDto,
  TrackerLinkDto,
  TrackerLinkPageDto,
  TrackerLinkQueryDto,
  TrackerRenderedLinkDto,
  TrackerRenderLinkDto,
  TrackerUpdateLinkDto,
} from './link.dto';
import { TrackerLinks } from './links.service';

const TAG = 'Registration links';
const INTEGRATION_ID = {
  name: 'id',
  type: String,
  format: 'uuid',
  example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e',
  description: 'The integration.',
};
const LINK_ID = {
  name: 'id',
  type: String,
  format: 'uuid',
  example: '019ab3f2-7c1e-7a52-9d55-2f6c1b1e7a10',
  description: 'The link.',
};
const LANGUAGE = {
  name: 'Accept-Language',
  required: false,
  schema: { type: 'string' as const, example: 'ru' },
  description: 'Language of findings and refusals: English or Russian.',
};
const ARCHIVED = { type: TrackerErrorDto, description: '`integration_archived`' };

/** The service checks the body itself: see `checkedRender`. */
const RenderBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  return context.switchToHttp().getRequest<{ body?: unknown }>().body ?? {};
});

/** @internal */
@AdminController('integrations/:id/links', TAG)
export class TrackerIntegrationLinksController {
  constructor(@Inject(TrackerLinks) private readonly links: TrackerLinks) {}

  @Post()
  @ApiOperation({
    operationId: 'createLink',
    summary: 'Add a registration link; its final URL carries the click id',
    description:
      'Refuses a base URL that is not http(s), holds credentials, control characters or a macro before its path, or ' +
      'is too long (`base_url_invalid`), and one whose click-id parameter holds something else (`click_parameter_taken`).',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam(INTEGRATION_ID)
  @ApiBody({ type: TrackerCreateLinkDto })
  @ApiCreatedResponse({ type: TrackerLinkDto })
  @ApiConflictResponse(ARCHIVED)
  create(
    @RowId() id: string,
    @Body(TrackerCreateLinkDto) body: TrackerCreateLinkDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerLinkView> {
    return this.links.create(id, body, scope);
  }

  @Get()
  @ApiOperation({
    operationId: 'listLinks',
    summary: 'The registration links of an integration, newest first',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam(INTEGRATION_ID)
  @ApiQuery({ type: TrackerLinkQueryDto })
  @ApiOkResponse({ type: TrackerLinkPageDto })
  list(
    @RowId() id: string,
    @Query(TrackerLinkQueryDto) query: TrackerLinkQueryDto,
    @Scope() scope: AdminScope,
  ): Promise<Page<TrackerLinkView>> {
    return this.links.list(id, query, scope);
  }
}

/** @internal */
@AdminController('links', TAG)
export class TrackerLinksController {
  constructor(@Inject(TrackerLinks) private readonly links: TrackerLinks) {}

  @Get(':id')
  @ApiOperation({ operationId: 'getLink', summary: 'One registration link with its final URL' })
  @ApiHeader(LANGUAGE)
  @ApiParam(LINK_ID)
  @ApiOkResponse({ type: TrackerLinkDto })
  get(@RowId() id: string, @Scope() scope: AdminScope): Promise<TrackerLinkView> {
    return this.links.get(id, scope);
  }

  @Patch(':id')
  @ApiOperation({ operationId: 'updateLink', summary: 'Change name or base URL: absent unchanged' })
  @ApiHeader(LANGUAGE)
  @ApiParam(LINK_ID)
  @ApiBody({ type: TrackerUpdateLinkDto })
  @ApiOkResponse({ type: TrackerLinkDto })
  @ApiConflictResponse(ARCHIVED)
  update(
    @RowId() id: string,
    @Body(TrackerUpdateLinkDto) body: TrackerUpdateLinkDto,
    @Scope() scope: AdminScope,
  ): Promise<TrackerLinkView> {
    return this.links.update(id, body, scope);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'deleteLink', summary: 'Remove a registration link; its clicks stay known' })
  @ApiParam(LINK_ID)
  @ApiNoContentResponse()
  @ApiConflictResponse(ARCHIVED)
  remove(@RowId() id: string, @Scope() scope: AdminScope): Promise<void> {
    return this.links.remove(id, scope);
  }

  @Post(':id/render')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'renderLink',
    summary: 'The URL for one lead, with his click id and all macros filled in',
    description:
      'Issues the chat’s click id for the integration’s campaign, or takes the one it has. Values are ' +
      'percent-encoded. Nothing in {{…}} is ever left: without a value the link is refused. Links of a paused ' +
      'integration can be rendered, those of an archived one cannot.',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam(LINK_ID)
  @ApiBody({ type: TrackerRenderLinkDto })
  @ApiOkResponse({ type: TrackerRenderedLinkDto })
  @ApiConflictResponse({
    type: TrackerErrorDto,
    description: '`integration_archived`, `click_parameter_taken`',
  })
  @ApiUnprocessableEntityResponse({
    type: TrackerErrorDto,
    description: '`macro_left` naming each macro, `url_too_long`, `value_not_usable`',
  })
  render(
    @RowId() id: string,
    @RenderBody() body: RenderLink,
    @Scope() scope: AdminScope,
  ): Promise<RenderedLinkView> {
    return this.links.render(id, body, scope);
  }
}
