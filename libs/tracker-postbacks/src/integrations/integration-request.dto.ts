import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IfGiven,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
  Type,
} from '../admin/validators';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';
import { type IntegrationReply, type IntegrationRoles } from './integration.entity';
import { type CreateIntegration, type UpdateIntegration } from './integration-settings';

const NAMES = { type: [String] as [typeof String], maxItems: 200 };

export class TrackerIntegrationReplyDto implements IntegrationReply {
  @ApiProperty({
    enum: ['json', 'text', 'empty', 'gif'],
    example: 'text',
    description: '`empty` answers 204 for 200.',
  })
  @IsIn(['json', 'text', 'empty', 'gif'])
  format!: 'json' | 'text' | 'empty' | 'gif';

  @ApiPropertyOptional({
    example: 'OK',
    maxLength: 1024,
    description: 'The body of a text reply.',
    default: 'OK',
  })
  @IfGiven()
  @IsString()
  text?: string;

  @ApiPropertyOptional({
    example: false,
    default: false,
    description: 'Answer 200 where the verdict says 400 or 403.',
  })
  @IfGiven()
  @IsBoolean()
  always200?: boolean;
}

export class TrackerIntegrationRolesDto implements IntegrationRoles {
  @ApiPropertyOptional({
    ...NAMES,
    example: ['status'],
    description:
      'Parameters that carry the event word. `{goal}_{status}` is a composite; a name that is a word of the event map is a flag (`ftd=true`).',
  })
  @IfGiven()
  @IsArray()
  @IsString({ each: true })
  event?: string[];

  @ApiPropertyOptional({ ...NAMES, example: ['aff_click_id'] })
  @IfGiven()
  @IsArray()
  @IsString({ each: true })
  clickId?: string[];

  @ApiPropertyOptional({ ...NAMES, example: ['sumdep', 'amount'] })
  @IfGiven()
  @IsArray()
  @IsString({ each: true })
  cost?: string[];

  @ApiPropertyOptional({ ...NAMES, example: ['cur'] })
  @IfGiven()
  @IsArray()
  @IsString({ each: true })
  currency?: string[];

  @ApiPropertyOptional({ ...NAMES, example: ['event_id'] })
  @IfGiven()
  @IsArray()
  @IsString({ each: true })
  tid?: string[];
}

/** What creating and changing an integration have in common; null clears. */
class TrackerIntegrationSettingsDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 255,
    example: 'campaign-7',
    description: 'Then only clicks of this campaign match.',
  })
  @IsOptional()
  @IsString()
  campaignId?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 64,
    example: 'sub4',
    description:
      'The parameter of the landing link that carries our click id. Default: the network’s usual one.',
  })
  @IsOptional()
  @IsString()
  clickIdParameter?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 32,
    example: '{x}',
    description: 'The network’s macro syntax around one x: {x}, [x], #x#. Default: the network’s usual one.',
  })
  @IsOptional()
  @IsString()
  macroSyntax?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'usd',
    description: 'Any case; kept in upper case.',
  })
  @IsOptional()
  @IsString()
  defaultCurrency?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, enum: ['.', ',', null], example: '.' })
  @IsOptional()
  @IsIn(['.', ','])
  decimalMark?: '.' | ',' | null;

  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    example: ['203.0.113.0/24'],
    description: 'CIDR blocks or addresses that may send postbacks; null allows every one.',
  })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  allowedAddresses?: string[] | null;

  @ApiPropertyOptional({
    type: [String],
    nullable: true,
    example: ['registration', 'sale', 'resale'],
    description: 'Events that may be recorded; null allows every one.',
  })
  @IsOptional()
  @IsArray()
  @IsString({ each: true })
  events?: string[] | null;

  @ApiPropertyOptional({
    type: 'integer',
    nullable: true,
    minimum: 0,
    maximum: 86_400,
    example: 30,
    description:
      'Within it (30 unless set) the same request without a transaction id counts once; 0: every one.',
  })
  @IsOptional()
  @IsInt()
  duplicateWindowSeconds?: number | null;

  @ApiPropertyOptional({ type: TrackerIntegrationReplyDto, nullable: true })
  @IsOptional()
  @ValidateNested()
  @IsObject()
  @Type(() => TrackerIntegrationReplyDto)
  reply?: TrackerIntegrationReplyDto | null;

  @ApiPropertyOptional({
    type: TrackerIntegrationRolesDto,
    nullable: true,
    description: 'Parameter names of the network per role, replaced whole.',
  })
  @IsOptional()
  @ValidateNested()
  @IsObject()
  @Type(() => TrackerIntegrationRolesDto)
  roles?: TrackerIntegrationRolesDto | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    example: { ftd: 'sale', dep: 'resale', hold: 'ignore', trash: 'reversal' },
    description:
      'The network’s word (any case) → an event name, `ignore`, `reversal` where it takes a conversion back, or `sale/resale` where it does not say which deposit; replaced whole.',
  })
  @IsOptional()
  @IsObject()
  eventMap?: Readonly<Record<string, string>> | null;
}

export class TrackerCreateIntegrationDto extends TrackerIntegrationSettingsDto implements CreateIntegration {
  @ApiProperty({ example: '1win', maxLength: 255, description: 'What people call it; need not be unique.' })
  @IsString()
  name!: string;

  @ApiProperty({ example: '1win', description: 'Key of a network of GET /tracker/networks.' })
  @IsString()
  @MaxLength(64)
  network!: string;

  @ApiPropertyOptional({
    example: true,
    default: false,
    description: 'Make a secret; it is shown in this answer only.',
  })
  @IfGiven()
  @IsBoolean()
  secret?: boolean;
}

export class TrackerUpdateIntegrationDto extends TrackerIntegrationSettingsDto implements UpdateIntegration {
  @ApiPropertyOptional({ example: '1win', maxLength: 255 })
  @IfGiven()
  @IsString()
  name?: string;

  @ApiPropertyOptional({ enum: ['active', 'paused'], example: 'paused' })
  @IfGiven()
  @IsIn(['active', 'paused'])
  status?: 'active' | 'paused';
}

export class TrackerRotateSecretDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 720,
    default: 24,
    example: 24,
    description: 'Hours for which the secret before stays valid.',
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(720)
  graceHours?: number;
}

export class TrackerIntegrationQueryDto {
  @ApiPropertyOptional({
    example: 'MDE5OWYzYTAtNWIxYy03ZDNlLTljNTEtNmMxYjJmMGU0YTc3',
    description: '`nextCursor` of the page before.',
  })
  @IfGiven()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    example: 50,
    description: 'Integrations on a page.',
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit?: number;

  @ApiPropertyOptional({ example: '1win', description: 'Key of the network preset.' })
  @IfGiven()
  @IsString()
  network?: string;

  @ApiPropertyOptional({
    enum: ['active', 'paused'],
    example: 'active',
    description: 'Whether its postbacks are judged.',
  })
  @IfGiven()
  @IsIn(['active', 'paused'])
  status?: 'active' | 'paused';

  @ApiPropertyOptional({
    enum: ['true', 'false'],
    default: 'false',
    example: 'false',
    description: '`true`: archived ones that can still be restored, instead of those in use.',
  })
  @IfGiven()
  @IsIn(['true', 'false'])
  archived?: 'true' | 'false';
}
