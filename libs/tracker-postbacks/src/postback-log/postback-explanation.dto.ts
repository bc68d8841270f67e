import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { TrackerConversionDto } from '../conversions/conversion.dto';
import { TrackerDryRunReadingDto, TrackerNearMissDto, TrackerUrlDiffDto } from '../doctor/doctor.dto';
import { type ParameterSource } from '../rules/parameters.rule';
import { type Role, ROLES } from '../rules/recipe';

/** One parameter of the request, and what it is for. */
export class TrackerPostbackParameterDto {
  @ApiProperty({ example: 'tracker.cost', description: 'Decoded; `:event` is the segment of the path.' })
  name!: string;

  @ApiProperty({ example: '12.50', description: 'Decoded once.' })
  value!: string;

  @ApiProperty({
    enum: ['query', 'form', 'json', 'path'],
    enumName: 'TrackerParameterSource',
    example: 'query',
  })
  source!: ParameterSource;

  @ApiProperty({
    enum: ROLES,
    enumName: 'TrackerRole',
    nullable: true,
    example: 'cost',
    description: "What it is read for by the integration's recipe of today; null where it plays no role.",
  })
  role!: Role | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Key of the custom field that it fills.',
  })
  field!: string | null;
}

/** What the network was answered. */
export class TrackerSentReplyDto {
  @ApiProperty({ example: 200, description: 'The HTTP status.' })
  status!: number;

  @ApiProperty({ type: String, nullable: true, example: 'application/json; charset=utf-8' })
  contentType!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '{"status":"accepted","code":"ok"}',
    description: 'Null where it is an image.',
  })
  body!: string | null;
}

/** What a postback changed. */
export class TrackerWrittenDto {
  @ApiProperty({
    type: [TrackerConversionDto],
    description: 'Conversions that it recorded, took back or repeated, as they are now; the oldest first.',
  })
  conversions!: readonly TrackerConversionDto[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { user_id: '5' },
    description: 'Custom fields that its events handed on.',
  })
  fields!: Readonly<Record<string, string>>;
}

/** When what happened. */
export class TrackerPostbackTimingsDto {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  receivedAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:30:00.004Z',
    description: 'Of the last judgement: it may have been judged again.',
  })
  judgedAt!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 4,
    description: 'Milliseconds from arrival to the first commit.',
  })
  durationMs!: number | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:30:00.004Z',
    description: 'When its first event was recorded.',
  })
  emittedAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:30:00.012Z',
    description: 'When the last of its handlers was through; null while one is not.',
  })
  handledAt!: string | null;
}

/** Why a postback came to what it came to, read anew from the stored request. */
@ApiExtraModels(TrackerDryRunReadingDto, TrackerUrlDiffDto, TrackerSentReplyDto)
export class TrackerPostbackExplanationDto {
  @ApiProperty({ type: [TrackerPostbackParameterDto], description: 'In the order path, query, body.' })
  parameters!: readonly TrackerPostbackParameterDto[];

  @ApiProperty({
    nullable: true,
    allOf: [{ $ref: getSchemaPath(TrackerDryRunReadingDto) }],
    description:
      "What the stored request says by the integration's recipe of today; the verdict was given by that of its time. " +
      'Null once it is erased or its integration is gone.',
  })
  reading!: TrackerDryRunReadingDto | null;

  @ApiProperty({
    nullable: true,
    allOf: [{ $ref: getSchemaPath(TrackerUrlDiffDto) }],
    description: 'How the request differs from the ready URL of its event. Null where there is no reading.',
  })
  diff!: TrackerUrlDiffDto | null;

  @ApiProperty({
    type: [TrackerNearMissDto],
    description: 'Where the click id is unknown: known ids that it may have meant.',
  })
  nearMisses!: readonly TrackerNearMissDto[];

  @ApiProperty({
    nullable: true,
    allOf: [{ $ref: getSchemaPath(TrackerSentReplyDto) }],
    description:
      'Replies are not stored: this one is made again from the verdict and the reply settings of today. A postback that ' +
      'was judged again had been answered by its earlier verdict. Null where none was sent or nothing is known any more.',
  })
  reply!: TrackerSentReplyDto | null;
}

/** What {@link TrackerPostbackExplanationDto} shows. */
export type PostbackExplanationView = Readonly<TrackerPostbackExplanationDto>;
