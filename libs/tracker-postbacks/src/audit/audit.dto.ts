import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';
import { AUDIT_ACTIONS, AUDIT_SUBJECTS, type AuditAction, type AuditSubject } from './audit-action';

/** What the audit trail is narrowed to; different filters all have to hold. */
export class TrackerAuditFiltersDto {
  @ApiPropertyOptional({
    enum: AUDIT_ACTIONS,
    enumName: 'TrackerAuditAction',
    isArray: true,
    example: ['integration.updated'],
    description: 'This action. May be repeated: one of them.',
  })
  readonly action?: string | readonly string[];

  @ApiPropertyOptional({
    type: String,
    maxLength: 255,
    example: '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34',
    description: 'About exactly this integration, link, postback, click or chat; case counts.',
  })
  readonly subjectId?: string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-11-01',
    description: 'At this time or later. ISO 8601; a date alone is its midnight UTC.',
  })
  readonly from?: Date | string;

  @ApiPropertyOptional({
    type: String,
    example: '2026-12-01T00:00:00Z',
    description: 'Before this time. ISO 8601; a date alone is its midnight UTC.',
  })
  readonly to?: Date | string;

  @ApiPropertyOptional({
    type: String,
    example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
    description: '`nextCursor` of the page before. Send the same filters with it.',
  })
  readonly cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    example: DEFAULT_LIMIT,
    description: 'Rows of one page.',
  })
  readonly limit?: number | string;
}

/** What the audit trail is narrowed to; every filter may be left out. */
export type AuditFilters = Readonly<TrackerAuditFiltersDto>;

/** Every name of {@link AuditFilters}. */
export const AUDIT_FILTERS = [
  'action',
  'subjectId',
  'from',
  'to',
  'cursor',
  'limit',
] as const satisfies readonly (keyof AuditFilters)[];

/** One change that somebody made. */
export class TrackerAuditEntryDto {
  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1d' })
  id!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  at!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'anna@example.com',
    description: 'Who, as the host application names him; null where it names nobody.',
  })
  actor!: string | null;

  @ApiProperty({ enum: AUDIT_ACTIONS, enumName: 'TrackerAuditAction', example: 'integration.updated' })
  action!: AuditAction;

  @ApiProperty({ enum: AUDIT_SUBJECTS, enumName: 'TrackerAuditSubject', example: 'integration' })
  subjectType!: AuditSubject;

  @ApiProperty({
    example: '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34',
    description: 'Id of the subject; of clicks and chats the id that the host knows.',
  })
  subjectId!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: {
      nullable: true,
      oneOf: [
        { type: 'string' },
        { type: 'number' },
        { type: 'boolean' },
        { type: 'array', items: { type: 'string' } },
        { type: 'object', additionalProperties: { type: 'string' } },
      ],
    },
    example: { changed: ['name', 'status'] },
    description: 'What else is known, by action; empty where nothing is. Never holds a secret.',
  })
  details!: Readonly<Record<string, unknown>>;
}

/** One change as services answer it. */
export type TrackerAuditView = Readonly<TrackerAuditEntryDto>;

/** One page of the audit trail, newest first. */
export class TrackerAuditPageDto {
  @ApiProperty({ type: [TrackerAuditEntryDto] })
  items!: readonly TrackerAuditEntryDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
    description: 'Send it as `cursor` for the next page; null on the last.',
  })
  nextCursor!: string | null;
}
