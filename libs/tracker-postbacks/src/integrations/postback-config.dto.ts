import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IfGiven,
  IsArray,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  ValidateNested,
  Type,
} from '../admin/validators';
import { type FieldMapping } from '../rules/recipe';
import { type TrackerPostbackConfigView } from './integration-view';
import { type CreatePostbackConfig, type UpdatePostbackConfig } from './postback-config-settings';

const EXAMPLE_URL =
  'https://crm.example.com/api/postbacks/48d0524a-3abb-4cd5-82b8-404fa1cb4f7e/tracker-postback' +
  '?tracker.event=sale&clickid={sub1}&tracker.cost={amount}&tracker.currency=usd&fields.user_id={user_id}';
const COST = { description: 'A macro of the network, verbatim, or a constant.', example: '{amount}' };
const CURRENCY = { description: 'A macro of the network, or a currency code.', example: 'usd' };
const TID = { description: 'Has to hold a macro of the network.', example: '{event_id}' };
const EXTRA = {
  type: 'object' as const,
  additionalProperties: { type: 'string' as const },
  description: 'Further parameters, put into the URL verbatim.',
  example: { country: '{country}' },
};

export class TrackerFieldMappingDto implements FieldMapping {
  @ApiProperty({ example: 'user_id', maxLength: 64, description: 'Key of the CRM’s custom field.' })
  @IsString()
  @IsNotEmpty()
  key!: string;

  @ApiProperty({ example: '{user_id}', description: 'The network’s macro, verbatim.' })
  @IsString()
  @IsNotEmpty()
  macro!: string;
}

/** What creating and changing a postback config have in common. */
class TrackerPostbackConfigContentDto {
  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 255, ...COST })
  @IsOptional()
  @IsString()
  cost?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 255, ...CURRENCY })
  @IsOptional()
  @IsString()
  currency?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, maxLength: 255, ...TID })
  @IsOptional()
  @IsString()
  tid?: string | null;

  @ApiPropertyOptional({ type: [TrackerFieldMappingDto], nullable: true, maxItems: 100 })
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TrackerFieldMappingDto)
  fields?: TrackerFieldMappingDto[] | null;

  @ApiPropertyOptional({ nullable: true, ...EXTRA })
  @IsOptional()
  @IsObject()
  extra?: Readonly<Record<string, string>> | null;
}

export class TrackerCreatePostbackConfigDto
  extends TrackerPostbackConfigContentDto
  implements CreatePostbackConfig
{
  @ApiProperty({ example: 'First Deposit', maxLength: 255 })
  @IsString()
  name!: string;

  @ApiProperty({
    example: 'sale',
    maxLength: 128,
    description: 'An event name, or the network’s own macro (`{status}`). One config per event.',
  })
  @IsString()
  event!: string;
}

export class TrackerUpdatePostbackConfigDto
  extends TrackerPostbackConfigContentDto
  implements UpdatePostbackConfig
{
  @ApiPropertyOptional({ example: 'First Deposit', maxLength: 255 })
  @IfGiven()
  @IsString()
  name?: string;

  @ApiPropertyOptional({ example: 'sale', maxLength: 128 })
  @IfGiven()
  @IsString()
  event?: string;
}

/** One event's postback URL. */
export class TrackerPostbackConfigDto implements TrackerPostbackConfigView {
  @ApiProperty({ format: 'uuid', example: '019ab3f2-7c1e-7a52-9d55-2f6c1b1e7a10' })
  id!: string;

  @ApiProperty({ example: 'First Deposit' })
  name!: string;

  @ApiProperty({ example: 'sale' })
  event!: string;

  @ApiProperty({
    example: EXAMPLE_URL,
    description: 'Ready to paste. A secret that is not shown any more stands as `key=•••`.',
  })
  url!: string;

  @ApiProperty({ type: String, nullable: true, ...COST })
  cost!: string | null;

  @ApiProperty({ type: String, nullable: true, ...CURRENCY })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, ...TID })
  tid!: string | null;

  @ApiProperty({ type: [TrackerFieldMappingDto] })
  fields!: readonly TrackerFieldMappingDto[];

  @ApiProperty({ nullable: true, ...EXTRA })
  extra!: Readonly<Record<string, string>> | null;
}

export class TrackerPostbackConfigPageDto {
  @ApiProperty({ type: [TrackerPostbackConfigDto] })
  items!: readonly TrackerPostbackConfigDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Always null: one page holds them all.',
  })
  nextCursor!: string | null;
}
