import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString } from '../admin/validators';
import { NEAR_MISS_KINDS, type NearMissKind } from '../clicks/near-miss.rule';
import {
  VERDICT_CODES,
  VERDICT_STATUSES,
  type VerdictCode,
  type VerdictStatus,
  WARNING_CODES,
  type WarningCode,
} from '../rules/codes';
import { type DryRun } from './doctor.service';
import { type FindingCode, INTEGRATION_FINDINGS, URL_FINDINGS } from './finding-codes';
import { type FindingView } from './finding-message';

const VERDICTS = Object.values(VERDICT_CODES).flat();
const MODES = ['template', 'received'] as const;
const URL_EXAMPLE =
  'https://crm.example.com/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback' +
  '?tracker.event=registration&clickid=';
const FLAT = { type: 'object' as const, additionalProperties: { type: 'string' as const } };

export class TrackerDryRunRequestDto {
  @ApiProperty({
    example: `${URL_EXAMPLE}sub1`,
    description:
      'A URL as it was pasted, with quotes, text or damage around it if need be; a query alone does too. At most 16 KB.',
  })
  @IsString()
  url!: string;

  @ApiPropertyOptional({
    enum: MODES,
    enumName: 'TrackerDryRunMode',
    description:
      'As what the network’s form is given, or as what the network sent. By default a template where the event or the click id holds a macro.',
  })
  @IsOptional()
  @IsIn(MODES)
  as?: (typeof MODES)[number];
}

/** Something odd that the reading met. */
export class TrackerDryRunWarningDto {
  @ApiProperty({
    enum: [...WARNING_CODES, ...VERDICTS],
    enumName: 'TrackerWarningCode',
    example: 'amount_missing',
  })
  code!: WarningCode;

  @ApiProperty({ type: String, nullable: true, example: 'tracker.cost' })
  parameter!: string | null;

  @ApiProperty({ example: 'The deposit came without an amount.' })
  message!: string;
}

/** A known click that an unmatched click id may have meant. */
export class TrackerNearMissDto {
  @ApiProperty({ example: 'k3JdQ9xT0aZb' })
  clickId!: string;

  @ApiProperty({
    enum: NEAR_MISS_KINDS,
    enumName: 'TrackerNearMissKind',
    example: 'other_case',
    description: 'What happened to it on its way.',
  })
  how!: NearMissKind;
}

/** What would be decided about the URL if it arrived now. */
export class TrackerDryRunVerdictDto {
  @ApiProperty({ enum: VERDICT_STATUSES, enumName: 'TrackerVerdictStatus', example: 'unmatched' })
  status!: VerdictStatus;

  @ApiProperty({ enum: VERDICTS, enumName: 'TrackerVerdictCode', example: 'click_unknown' })
  code!: VerdictCode;

  @ApiProperty({ example: 'Kept and waiting: no click with the id "K3JDQ9XT0AZB" is known yet.' })
  message!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'sale',
    description: 'What it would be recorded as.',
  })
  event!: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
    description: 'The recorded conversion that it repeats or takes back.',
  })
  conversionId!: string | null;

  @ApiProperty({
    type: [TrackerNearMissDto],
    description: 'Where the click id is unknown: ids it may have meant.',
  })
  nearMisses!: readonly TrackerNearMissDto[];
}

/** What the URL says; values of a template are the macros that the network will fill in. */
export class TrackerDryRunReadingDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'registration',
    description: 'What it is recorded as, or `sale/resale`, `reversal`, `ignore`.',
  })
  event!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'registration', description: 'The word as sent.' })
  reportedEvent!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '{sub1}' })
  clickId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '{amount}' })
  cost!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  tid!: string | null;

  @ApiProperty({ ...FLAT, example: { user_id: '{user_id}' }, description: 'Custom fields by key.' })
  fields!: Readonly<Record<string, string>>;

  @ApiProperty({ ...FLAT, example: { country: 'PT' }, description: 'What plays no role.' })
  params!: Readonly<Record<string, string>>;
}

export class TrackerMisspellingDto {
  @ApiProperty({ example: 'trackr.cost' })
  parameter!: string;

  @ApiProperty({ example: 'tracker.cost' })
  suggestion!: string;
}

/** How the URL differs from the ready URL of its event. */
export class TrackerUrlDiffDto {
  @ApiProperty({ type: [String], example: ['fields.user_id'] })
  missing!: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  extra!: readonly string[];

  @ApiProperty({ type: [TrackerMisspellingDto] })
  misspelt!: readonly TrackerMisspellingDto[];

  @ApiProperty({ type: [String], example: ['clickid'], description: 'Their macro is not filled in.' })
  unreplaced!: readonly string[];
}

export class TrackerFindingDto implements FindingView {
  @ApiProperty({
    enum: [...URL_FINDINGS, ...INTEGRATION_FINDINGS],
    enumName: 'TrackerFindingCode',
    example: 'macro_braces_lost',
    description: 'Stable; may be branched on.',
  })
  code!: FindingCode;

  @ApiProperty({ enum: ['url', 'integration'], example: 'url', description: 'Where it has to be mended.' })
  about!: 'url' | 'integration';

  @ApiProperty({ type: String, nullable: true, example: 'clickid' })
  parameter!: string | null;

  @ApiProperty({
    example: '"sub1" in "clickid" is the bare name of a macro: the network sends it as it stands.',
  })
  message!: string;

  @ApiProperty({ example: 'Write {sub1}.' })
  fix!: string;
}

@ApiExtraModels(TrackerDryRunVerdictDto, TrackerDryRunReadingDto)
export class TrackerDryRunDto implements DryRun {
  @ApiProperty({
    enum: ['postback', 'registration_link'],
    example: 'postback',
    description: 'What the text turned out to be.',
  })
  kind!: 'postback' | 'registration_link';

  @ApiProperty({ enum: MODES, enumName: 'TrackerDryRunMode', example: 'template' })
  as!: 'template' | 'received';

  @ApiProperty({
    nullable: true,
    allOf: [{ $ref: getSchemaPath(TrackerDryRunVerdictDto) }],
    description: 'Null for a template: nothing has happened yet.',
  })
  verdict!: TrackerDryRunVerdictDto | null;

  @ApiProperty({
    nullable: true,
    allOf: [{ $ref: getSchemaPath(TrackerDryRunReadingDto) }],
    description: 'Null for a registration link.',
  })
  reading!: TrackerDryRunReadingDto | null;

  @ApiProperty({ type: [TrackerDryRunWarningDto] })
  warnings!: readonly TrackerDryRunWarningDto[];

  @ApiProperty({ type: TrackerUrlDiffDto })
  diff!: TrackerUrlDiffDto;

  @ApiProperty({ type: [TrackerFindingDto] })
  findings!: readonly TrackerFindingDto[];

  @ApiProperty({
    example: `${URL_EXAMPLE}{sub1}`,
    description: 'The URL without the findings about it; a secret stands as `•••`.',
  })
  correctedUrl!: string;
}
