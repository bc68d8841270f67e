import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { TrackerConversionDto } from '../conversions/conversion.dto';
import { TrackerCurrencySumDto, TrackerEventSumDto } from './stats.dto';

const COUNTS = { type: 'object' as const, additionalProperties: { type: 'integer' as const } };
const DEPOSIT = { nullable: true, allOf: [{ $ref: getSchemaPath(TrackerConversionDto) }] };

/** One chat at a glance. */
@ApiExtraModels(TrackerConversionDto)
export class TrackerChatSummaryDto {
  @ApiProperty({ example: 'chat-4711' })
  chatId!: string;

  @ApiProperty({
    ...COUNTS,
    example: { registration: 1, sale: 1, resale: 2 },
    description: 'Open ones, by event.',
  })
  conversions!: Readonly<Record<string, number>>;

  @ApiProperty({
    ...COUNTS,
    example: { resale: 1 },
    description: 'Those that the network took back, by event.',
  })
  reversed!: Readonly<Record<string, number>>;

  @ApiProperty({
    type: [TrackerCurrencySumDto],
    description: 'What was deposited, by currency: `sale` and `resale` together.',
  })
  sums!: readonly TrackerCurrencySumDto[];

  @ApiProperty({ type: [TrackerEventSumDto], description: 'Amounts of every event, by event and currency.' })
  sumsByEvent!: readonly TrackerEventSumDto[];

  @ApiProperty({ ...DEPOSIT, description: 'The first open deposit; null where there is none.' })
  firstDeposit!: TrackerConversionDto | null;

  @ApiProperty({ ...DEPOSIT, description: 'The newest open deposit; null where there is none.' })
  lastDeposit!: TrackerConversionDto | null;
}

/** A chat's summary as services answer it. */
export type TrackerChatSummaryView = Readonly<TrackerChatSummaryDto>;
