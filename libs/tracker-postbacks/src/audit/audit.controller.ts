import { Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery } from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { ListQuery } from '../admin/list-query.decorator';
import { type Page } from '../admin/page';
import { Scope } from '../admin/scope';
import { type TrackerScope } from '../tracker-postbacks.options';
import {
  type AuditFilters,
  TrackerAuditFiltersDto,
  TrackerAuditPageDto,
  type TrackerAuditView,
} from './audit.dto';
import { TrackerAudit } from './audit.service';

/** @internal */
@AdminController('audit', 'Audit trail')
export class TrackerAuditController {
  constructor(@Inject(TrackerAudit) private readonly audit: TrackerAudit) {}

  @Get()
  @ApiOperation({
    operationId: 'listAudit',
    summary: 'Who changed what, newest first',
    description:
      'Changes to integrations, postback configs and links, rotated secrets (never the secret), reassigned chats, ' +
      'erasures, replays, releases and manual counts, each with the actor that the host application names. Kept for ever.',
  })
  @ApiQuery({ type: TrackerAuditFiltersDto })
  @ApiOkResponse({ type: TrackerAuditPageDto, description: 'One page.' })
  list(@ListQuery() filters: AuditFilters, @Scope() scope: TrackerScope): Promise<Page<TrackerAuditView>> {
    return this.audit.list(filters, scope);
  }
}
