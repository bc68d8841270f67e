import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsObject, IsOptional, IsString, IsUUID, Length, Matches } from '../admin/validators';
import { TrackerWarningDto } from '../postbacks/postback.openapi';
import { VERDICT_STATUSES } from '../rules/codes';
import { ALL_VERDICT_CODES, TrackerReplayFilterDto } from './postback-filters';

/** How one replay is asked for. */
export class TrackerReplayOneDto {
  @ApiPropertyOptional({ default: false, description: 'Answer what would happen and change nothing.' })
  @IsOptional()
  @IsBoolean()
  readonly dryRun?: boolean;
}

/** How a filtered set is replayed. */
export class TrackerReplayManyDto {
  @ApiProperty({
    type: TrackerReplayFilterDto,
    description: 'Filters of the log; `cursor` takes the `next` of the call before.',
    example: { integrationId: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e', status: ['rejected'] },
  })
  @IsObject()
  readonly filter!: Record<string, unknown>;

  @ApiPropertyOptional({ default: false, description: 'Answer what would happen and change nothing.' })
  @IsOptional()
  @IsBoolean()
  readonly dryRun?: boolean;
}

/** Why a duplicate is counted. */
export class TrackerCountDto {
  @ApiProperty({
    example: 'Two deposits of 10 USD within a minute, confirmed by the network',
    maxLength: 1000,
  })
  @IsString()
  @Length(1, 1000)
  @Matches(/\S/, { message: 'reason must say something' })
  readonly reason!: string;
}

/** A conversion recorded by hand. */
export class TrackerRecordConversionDto {
  @ApiProperty({ format: 'uuid', example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e' })
  @IsUUID()
  readonly integrationId!: string;

  @ApiProperty({ example: '67wgwWkaR0bQ' })
  @IsString()
  @Length(1, 255)
  readonly clickId!: string;

  @ApiProperty({ example: 'sale' })
  @IsString()
  @Length(1, 255)
  readonly event!: string;

  @ApiPropertyOptional({ example: '12.50' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  readonly cost?: string;

  @ApiPropertyOptional({ example: 'USD' })
  @IsOptional()
  @IsString()
  @Length(1, 12)
  readonly currency?: string;

  @ApiPropertyOptional({ example: '77' })
  @IsOptional()
  @IsString()
  @Length(1, 255)
  readonly tid?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { user_id: '5' },
  })
  @IsOptional()
  @IsObject()
  readonly fields?: Record<string, string>;
}

/** What a postback comes to. */
export class TrackerReplayStateDto {
  @ApiProperty({ enum: VERDICT_STATUSES, enumName: 'TrackerVerdictStatus', example: 'accepted' })
  readonly status!: string;

  @ApiProperty({ enum: ALL_VERDICT_CODES, enumName: 'TrackerVerdictCode', example: 'ok' })
  readonly code!: string;

  @ApiProperty({ type: String, nullable: true, example: 'sale' })
  readonly event!: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'In a dry-run of a first or replacing conversion an id that is not kept.',
    example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77',
  })
  readonly conversionId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '12.50' })
  readonly cost!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  readonly currency!: string | null;
}

/** What replaying one postback changed, or would change. */
export class TrackerReplayResultDto {
  @ApiProperty({ format: 'uuid', example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77' })
  readonly postbackId!: string;

  @ApiProperty({ type: TrackerReplayStateDto })
  readonly before!: TrackerReplayStateDto;

  @ApiProperty({
    type: TrackerReplayStateDto,
    description: "What today's recipe makes of it; where nothing changes it says why.",
  })
  readonly after!: TrackerReplayStateDto;

  @ApiProperty({ example: true })
  readonly changed!: boolean;
}

/** What replaying a set did, or would do. */
export class TrackerReplayReportDto {
  @ApiProperty({ example: false })
  readonly dryRun!: boolean;

  @ApiProperty({ example: 1200, description: 'Postbacks the filter finds, those of earlier calls left out.' })
  readonly matched!: number;

  @ApiProperty({ example: 500, description: 'At most 500 a call.' })
  readonly processed!: number;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Goes into `filter.cursor`; null at the end.',
  })
  readonly next!: string | null;

  @ApiProperty({ type: [TrackerReplayResultDto] })
  readonly results!: readonly TrackerReplayResultDto[];
}

/** What was decided about an event sent by hand. */
export class TrackerRecordedConversionDto {
  @ApiProperty({ enum: VERDICT_STATUSES, enumName: 'TrackerVerdictStatus', example: 'accepted' })
  readonly status!: string;

  @ApiProperty({ enum: ALL_VERDICT_CODES, enumName: 'TrackerVerdictCode', example: 'ok' })
  readonly code!: string;

  @ApiProperty({ example: 'Accepted and recorded.' })
  readonly message!: string;

  @ApiProperty({ format: 'uuid', example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77' })
  readonly postbackId!: string;

  @ApiProperty({ type: String, nullable: true, example: 'sale' })
  readonly event!: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77',
  })
  readonly conversionId!: string | null;

  @ApiProperty({ type: [TrackerWarningDto] })
  readonly warnings!: readonly TrackerWarningDto[];
}
