import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One field of a request at fault. */
export class TrackerErrorDetailDto {
  @ApiProperty({ example: 'clickIdParameter', description: 'Path of the field within the request.' })
  field!: string;

  @ApiProperty({ example: 'clickIdParameter must be shorter than or equal to 64 characters' })
  message!: string;

  @ApiPropertyOptional({
    type: [String],
    description: 'The values that would be accepted, where there are few.',
  })
  allowed?: readonly string[];
}

/** How every admin route refuses. */
export class TrackerErrorDto {
  @ApiProperty({ example: 400, description: 'The HTTP status.' })
  statusCode!: number;

  @ApiProperty({ example: 'validation_failed', description: 'Stable; may be branched on.' })
  code!: string;

  @ApiProperty({
    example: 'Not accepted: property nmae should not exist.',
    description: 'What happened and what to change.',
  })
  message!: string;

  @ApiPropertyOptional({ type: [TrackerErrorDetailDto] })
  details?: TrackerErrorDetailDto[];
}
