import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type DecimalMark } from '../rules/recipe';
import { TrackerIntegrationReplyDto, TrackerIntegrationRolesDto } from './integration-request.dto';
import { type TrackerIntegrationView } from './integration-view';
import { type RotatedSecret } from './integrations.service';
import { TrackerFieldMappingDto, TrackerPostbackConfigDto } from './postback-config.dto';

const SECRET = { example: 'hX3nq1V0mB7tQd9rJ2sK5wY8zL4cF6gA', description: 'Shown in this answer only.' };

/** An integration with its ready postback URLs. */
export class TrackerIntegrationDto implements TrackerIntegrationView {
  @ApiProperty({ format: 'uuid', example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e' })
  id!: string;

  @ApiProperty({ example: '1win' })
  name!: string;

  @ApiProperty({ example: '1win' })
  network!: string;

  @ApiProperty({ enum: ['active', 'paused'], example: 'active' })
  status!: 'active' | 'paused';

  @ApiProperty({ type: String, nullable: true, example: null })
  campaignId!: string | null;

  @ApiProperty({ example: 'sub1' })
  clickIdParameter!: string;

  @ApiProperty({ type: String, nullable: true, example: '{x}' })
  macroSyntax!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  defaultCurrency!: string | null;

  @ApiProperty({ type: String, nullable: true, enum: ['.', ',', null], example: '.' })
  decimalMark!: DecimalMark | null;

  @ApiPropertyOptional(SECRET)
  secret?: string;

  @ApiProperty({ example: false, description: 'There is a secret that is not shown any more.' })
  secretHidden!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  previousSecretValidUntil!: string | null;

  @ApiProperty({ type: [String], nullable: true, example: null })
  allowedAddresses!: readonly string[] | null;

  @ApiProperty({ type: [String], nullable: true, example: null })
  events!: readonly string[] | null;

  @ApiProperty({ type: 'integer', example: 30 })
  duplicateWindowSeconds!: number;

  @ApiProperty({ type: TrackerIntegrationReplyDto, nullable: true, example: null })
  reply!: TrackerIntegrationReplyDto | null;

  @ApiProperty({ type: TrackerIntegrationRolesDto, nullable: true, example: null })
  roles!: TrackerIntegrationView['roles'];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: null,
    description: 'The integration’s own words; those of its network apply besides.',
  })
  eventMap!: Readonly<Record<string, string>> | null;

  @ApiProperty({
    example: 'https://crm.example.com/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback',
    description: 'The URL without event and parameters, for networks that append everything themselves.',
  })
  baseUrl!: string;

  @ApiProperty({ type: [TrackerFieldMappingDto], description: 'The union of the postbacks’ field mappings.' })
  fields!: readonly TrackerFieldMappingDto[];

  @ApiProperty({ type: [TrackerPostbackConfigDto] })
  postbacks!: readonly TrackerPostbackConfigDto[];

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  updatedAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  deletedAt!: string | null;
}

export class TrackerIntegrationPageDto {
  @ApiProperty({ type: [TrackerIntegrationDto] })
  items!: readonly TrackerIntegrationDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

export class TrackerSecretDto implements RotatedSecret {
  @ApiProperty(SECRET)
  secret!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-22T09:30:00.000Z' })
  previousValidUntil!: string | null;

  @ApiProperty({ type: [TrackerPostbackConfigDto], description: 'The URLs with the new secret in them.' })
  postbacks!: readonly TrackerPostbackConfigDto[];
}
