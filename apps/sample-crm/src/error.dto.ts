import { ApiProperty } from '@nestjs/swagger';

/** How Nest answers an exception of this application. */
export class ErrorDto {
  @ApiProperty({ example: 404 })
  statusCode!: number;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    example: 'There is no chat 0b9c9bd8-54a5-4c8e-9d2e-6f1d4f0c8a11.',
    description: 'A list where several fields are at fault.',
  })
  message!: string | string[];

  @ApiProperty({ example: 'Not Found' })
  error!: string;
}
