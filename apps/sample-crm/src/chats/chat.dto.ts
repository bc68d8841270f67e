import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

export class CreateChatDto {
  @ApiPropertyOptional({ example: 'Maria', maxLength: 255 })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  @Matches(/^\P{Cc}*$/u, { message: 'name must not hold control characters' })
  name?: string | null;
}

export class ChatCreatedDto {
  @ApiProperty({ format: 'uuid', example: '0b9c9bd8-54a5-4c8e-9d2e-6f1d4f0c8a11' })
  id!: string;
}

export class BalanceDto {
  @ApiProperty({
    type: String,
    nullable: true,
    example: 'USD',
    description: 'Null where no currency is known.',
  })
  currency!: string | null;

  @ApiProperty({ example: '32.50', description: 'Exact decimal.' })
  amount!: string;
}

export class HistoryLineDto {
  @ApiProperty({
    format: 'date-time',
    example: '2026-11-21T10:15:00.000Z',
    description: 'When the postback came.',
  })
  at!: string;

  @ApiProperty({ example: 'sale', description: 'Name of the tracker event.' })
  type!: string;

  @ApiProperty({ example: 'First deposit at 1win: 12.50 USD' })
  text!: string;

  @ApiProperty({ format: 'uuid', example: '019aa5c2-7d1e-7c3a-9d57-3f2b8f0f6c10' })
  eventId!: string;
}

export class ChatDto {
  @ApiProperty({ format: 'uuid', example: '0b9c9bd8-54a5-4c8e-9d2e-6f1d4f0c8a11' })
  id!: string;

  @ApiProperty({ enum: ['new', 'registered', 'confirmed', 'depositor'], example: 'depositor' })
  status!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: { user_id: '5' } })
  customFields!: Record<string, string>;

  @ApiProperty({ example: 2, description: 'Sales and resales that were not taken back.' })
  deposits!: number;

  @ApiProperty({ type: [BalanceDto], description: 'Their sums, one per currency.' })
  balance!: BalanceDto[];

  @ApiProperty({ type: [HistoryLineDto], description: 'Oldest first.' })
  history!: HistoryLineDto[];
}

/** What the service reads; the class above is for OpenAPI. */
export type ChatView = Readonly<Omit<ChatDto, 'balance' | 'history'>> & {
  readonly balance: readonly Balance[];
  readonly history: readonly Readonly<HistoryLineDto>[];
};
export type Balance = Readonly<BalanceDto>;
