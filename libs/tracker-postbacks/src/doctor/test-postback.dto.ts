import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsNotEmpty, IsOptional, IsString, MaxLength } from '../admin/validators';
import { VERDICT_CODES, VERDICT_STATUSES, type VerdictCode, type VerdictStatus } from '../rules/codes';
import { TrackerDryRunWarningDto } from './doctor.dto';
import { type SampleVerdict, type TestPostback } from './test-postback.service';

export class TrackerTestPostbackRequestDto {
  @ApiProperty({
    example: 'sale',
    maxLength: 128,
    description: 'An event name, or a word of the integration’s event map.',
  })
  @IsString()
  event!: string;

  @ApiPropertyOptional({
    example: 'chat-4711',
    maxLength: 255,
    description: 'The chat that the test click is made for. By default one that does not exist.',
  })
  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(255)
  chatId?: string;

  @ApiPropertyOptional({
    example: false,
    default: false,
    description: 'Run the handlers and tell the listeners; counts only with a chatId.',
  })
  @IsOptional()
  @IsBoolean()
  deliver?: boolean;
}

/** What was decided about the sample. */
export class TrackerSampleVerdictDto implements SampleVerdict {
  @ApiProperty({ enum: VERDICT_STATUSES, enumName: 'TrackerVerdictStatus', example: 'accepted' })
  status!: VerdictStatus;

  @ApiProperty({ enum: Object.values(VERDICT_CODES).flat(), enumName: 'TrackerVerdictCode', example: 'ok' })
  code!: VerdictCode;

  @ApiProperty({ example: 'Accepted and recorded.' })
  message!: string;

  @ApiProperty({ type: String, nullable: true, example: 'sale' })
  event!: string | null;

  @ApiProperty({ type: [TrackerDryRunWarningDto] })
  warnings!: readonly TrackerDryRunWarningDto[];
}

/** What came of a sample. */
export class TrackerTestPostbackDto implements TestPostback {
  @ApiProperty({
    example:
      'https://crm.example.com/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback' +
      '?tracker.event=sale&clickid=k3JdQ9xT0aZb&tracker.cost=12.50&tracker.currency=usd',
    description: 'What was sent, as the network would have; a secret stands as `•••`.',
  })
  url!: string;

  @ApiProperty({ type: TrackerSampleVerdictDto })
  verdict!: TrackerSampleVerdictDto;

  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a' })
  postbackId!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b',
  })
  conversionId!: string | null;

  @ApiProperty({ example: 'k3JdQ9xT0aZb', description: 'The test click.' })
  clickId!: string;

  @ApiProperty({ example: false, description: 'Handlers and listeners were given its events.' })
  delivered!: boolean;
}
