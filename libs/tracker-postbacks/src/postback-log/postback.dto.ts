import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  VERDICT_STATUSES,
  type VerdictCode,
  type VerdictStatus,
  WARNING_CODES,
  type WarningCode,
} from '../rules/codes';
import { ALL_VERDICT_CODES } from './postback-filters';

/** Something odd about a postback that did not decide its verdict. */
export class TrackerPostbackWarningDto {
  @ApiProperty({
    enum: [...WARNING_CODES, ...ALL_VERDICT_CODES],
    enumName: 'TrackerWarningCode',
    example: 'amount_missing',
  })
  code!: WarningCode;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'tracker.cost',
    description: 'The parameter at fault as the request named it; null when the whole request is meant.',
  })
  parameter!: string | null;

  @ApiProperty({
    example: 'No amount came with this deposit. Add tracker.cost=… to the postback URL.',
    description: 'In the language of Accept-Language: English or Russian.',
  })
  message!: string;
}

/** A postback as the log shows it; what is missing is null, times are ISO 8601 UTC. */
export class TrackerPostbackDto {
  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a' })
  id!: string;

  @ApiProperty({ enum: VERDICT_STATUSES, enumName: 'TrackerVerdictStatus', example: 'accepted' })
  status!: VerdictStatus;

  @ApiProperty({ enum: ALL_VERDICT_CODES, enumName: 'TrackerVerdictCode', example: 'ok' })
  code!: VerdictCode;

  @ApiProperty({
    example: 'Accepted and recorded.',
    description:
      'What was decided, about which parameter, and how to mend it; in the language of Accept-Language.',
  })
  message!: string;

  @ApiProperty({ format: 'uuid', example: '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34' })
  integrationId!: string;

  @ApiProperty({ type: String, nullable: true, example: '1win', description: 'Key of the network preset.' })
  network!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'sale',
    description: 'The event that was read or recorded.',
  })
  event!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ftd',
    description: 'The word as the network sent it, trimmed and lower-cased.',
  })
  reportedEvent!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'k3JdQ9xT0aZb' })
  clickId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '77', description: "The network's transaction id." })
  tid!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'chat-4711' })
  chatId!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '12.50',
    description: 'A canonical decimal, never a float.',
  })
  cost!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example:
      'https://crm.example.com/api/postbacks/3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34/tracker-postback' +
      '?tracker.event=sale&clickid=k3JdQ9xT0aZb&tracker.cost=12.50&tracker.currency=usd&tracker.tid=77',
    description:
      'What the network called, byte for byte, except that the secret is taken out; null once erased.',
  })
  url!: string | null;

  @ApiProperty({ example: 'GET' })
  method!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '203.0.113.7',
    description: "The sender as the host's HTTP adapter knows it.",
  })
  address!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  receivedAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-21T09:30:00.004Z' })
  judgedAt!: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 4,
    description: 'Milliseconds from arrival to the commit.',
  })
  durationMs!: number | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b',
    description: 'The conversion it made, or of which it is a duplicate.',
  })
  conversionId!: string | null;

  @ApiProperty({ type: [TrackerPostbackWarningDto] })
  warnings!: readonly Readonly<TrackerPostbackWarningDto>[];

  @ApiProperty({ example: false, description: 'Sent as a test.' })
  test!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'Unmatched: until when its click is waited for.',
  })
  parkedUntil!: string | null;
}

/** A postback as services answer it. */
export type TrackerPostbackView = Readonly<TrackerPostbackDto>;

/** One page of the postback log, newest first. */
export class TrackerPostbackPageDto {
  @ApiProperty({ type: [TrackerPostbackDto] })
  items!: readonly TrackerPostbackDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
    description: 'Send it as `cursor` for the next page; null on the last.',
  })
  nextCursor!: string | null;

  @ApiPropertyOptional({
    format: 'date-time',
    example: '2026-11-14T09:30:00.000Z',
    description: 'Only with `q` and without `from`: since when URLs were searched.',
  })
  searchedFrom?: string;
}

/** One page of the postback log as services answer it. */
export type TrackerPostbackPage = Readonly<TrackerPostbackPageDto>;
