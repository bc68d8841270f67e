import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsBoolean, IsOptional, IsString, ValidateNested, Type } from '../admin/validators';
import { type ClickSource } from './click.entity';
import { MAX_CLICKS, MAX_ID_LENGTH } from './click-input';

const ID = { minLength: 1, maxLength: MAX_ID_LENGTH };

/** Body of `POST /clicks`. */
export class TrackerIssueClickDto {
  @ApiProperty({ ...ID, example: 'chat-4711', description: "The host's chat of the lead." })
  @IsString()
  chatId!: string;

  @ApiPropertyOptional({
    ...ID,
    type: String,
    nullable: true,
    example: 'spring-campaign',
    description: "The host's campaign; integrations that are bound to a campaign match only its clicks.",
  })
  @IsOptional()
  @IsString()
  campaignId?: string | null;

  @ApiPropertyOptional({
    default: false,
    example: false,
    description:
      'Make a new id although the chat has one for this campaign; from then on the new one is given.',
  })
  @IsOptional()
  @IsBoolean()
  fresh?: boolean;
}

/** A click id that was given to a chat. */
export class TrackerIssuedClickDto {
  @ApiProperty({
    example: 'k3JdQ9xT0aZb',
    pattern: '^[A-Za-z0-9]{12}$',
    description: 'Case-sensitive. Put it into the registration link.',
  })
  clickId!: string;
}

/** A click id that the host or another tracker made. */
export class TrackerNamedClickDto {
  @ApiProperty({ ...ID, example: 'host-click-1', description: 'Case-sensitive; kept exactly as it is.' })
  @IsString()
  clickId!: string;

  @ApiProperty({ ...ID, example: 'chat-4711', description: "The host's chat of the lead." })
  @IsString()
  chatId!: string;

  @ApiPropertyOptional({ ...ID, type: String, nullable: true, example: 'spring-campaign' })
  @IsOptional()
  @IsString()
  campaignId?: string | null;
}

/** The answer of `issue`. */
export type IssuedClick = Readonly<TrackerIssuedClickDto>;

/** Body of `POST /clicks/register`. */
export class TrackerRegisterClicksDto {
  @ApiProperty({ type: [TrackerNamedClickDto], maxItems: MAX_CLICKS })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => TrackerNamedClickDto)
  clicks!: TrackerNamedClickDto[];
}

/** What became of the clicks of one `register` call. */
export class TrackerRegisteredClicksDto {
  @ApiProperty({ type: 'integer', example: 1, description: 'Clicks that were not known before.' })
  registered!: number;

  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'Clicks that this chat had already, repeats included.',
  })
  alreadyKnown!: number;

  @ApiProperty({
    type: [String],
    example: ['host-click-7'],
    description:
      'Click ids that belong to another chat, each once, in the order sent. They stay where they are.',
  })
  conflicts!: readonly string[];

  @ApiProperty({
    type: 'integer',
    example: 1,
    description: 'Postbacks that had waited for these clicks and were judged now.',
  })
  rejudged!: number;
}

/** The answer of `register`. */
export type RegisteredClicks = Readonly<TrackerRegisteredClicksDto>;

/** Body of `POST /clicks/reassign`. */
export class TrackerReassignChatDto {
  @ApiProperty({ ...ID, example: 'chat-4712', description: 'The chat whose clicks are moved.' })
  @IsString()
  fromChatId!: string;

  @ApiProperty({ ...ID, example: 'chat-4711', description: 'The chat that gets them.' })
  @IsString()
  toChatId!: string;
}

/** What was moved from one chat to another. */
export class TrackerReassignedChatDto {
  @ApiProperty({ type: 'integer', example: 2 })
  clicks!: number;

  @ApiProperty({ type: 'integer', example: 3 })
  conversions!: number;

  @ApiProperty({ type: 'integer', example: 5 })
  postbacks!: number;
}

/** The answer of `reassign`. */
export type ReassignedChat = Readonly<TrackerReassignedChatDto>;

/** A click as the API shows it. */
export class TrackerClickDto {
  @ApiProperty({ example: 'k3JdQ9xT0aZb' })
  clickId!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'chat-4711',
    description: 'Null once its data is erased.',
  })
  chatId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'spring-campaign' })
  campaignId!: string | null;

  @ApiProperty({
    enum: ['issued', 'registered', 'resolver', 'test', 'erased'] satisfies ClickSource[],
    enumName: 'TrackerClickSource',
    example: 'issued',
    description:
      "Made here, registered by the host, found through the host's ClickResolver, made by a test postback, or never " +
      'registered and known only because postbacks that named it were erased.',
  })
  source!: ClickSource;

  @ApiProperty({ example: false, description: 'Made by a test postback.' })
  test!: boolean;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description:
      'Since when its data is erased: late postbacks are ignored, and the id is never given out again.',
  })
  erasedAt!: string | null;
}

/** A click as services answer it. */
export type TrackerClickView = Readonly<TrackerClickDto>;
