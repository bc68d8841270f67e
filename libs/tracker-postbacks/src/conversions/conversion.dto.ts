import { ApiProperty } from '@nestjs/swagger';
import { type FlatRecord } from '../rules/reading';
import { type TrackerConversion } from './conversion.entity';

/** A conversion as the API shows it; what is missing is null, times are ISO 8601 UTC. */
export class TrackerConversionDto {
  @ApiProperty({ format: 'uuid', example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1b' })
  id!: string;

  @ApiProperty({ example: 'sale', description: 'The event that was recorded.' })
  event!: string;

  @ApiProperty({ example: 'ftd', description: 'The word as the network sent it, trimmed and lower-cased.' })
  reportedEvent!: string;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    example: 1,
    description: 'Which of this event it is for the integration and click: 1 is the first. Never reused.',
  })
  ordinal!: number;

  @ApiProperty({ format: 'uuid', example: '3f2b9c1e-8a4d-4c55-9b7e-0d9a6f1c2e34' })
  integrationId!: string;

  @ApiProperty({ type: String, nullable: true, example: '1win', description: 'Key of the network preset.' })
  network!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'spring-campaign' })
  campaignId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'k3JdQ9xT0aZb', description: 'Null once erased.' })
  clickId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'chat-4711', description: 'Null once erased.' })
  chatId!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '77', description: "The network's transaction id." })
  tid!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '12.50',
    description: 'A canonical decimal, never a float; null when none was sent or it could not be read.',
  })
  cost!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '12.50',
    description: 'The text the cost was read from.',
  })
  costRaw!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { user_id: '5' },
    description: 'The custom-field values last known for it; empty when none were sent.',
  })
  fields!: FlatRecord;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  receivedAt!: string;

  @ApiProperty({
    format: 'uuid',
    example: '019aa5c0-1f3e-7a11-8c2d-5b6e7f809a1a',
    description: 'The postback that reported it.',
  })
  postbackId!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When the network took it back; null while it is open.',
  })
  reversedAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When a replay put another conversion in its place.',
  })
  voidedAt!: string | null;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
    description: 'That other conversion.',
  })
  replacedBy!: string | null;

  @ApiProperty({ example: false, description: 'Made by a test postback.' })
  test!: boolean;
}

/** A conversion as services answer it. */
export type TrackerConversionView = Readonly<TrackerConversionDto>;

/** One page of conversions, newest first. */
export class TrackerConversionPageDto {
  @ApiProperty({ type: [TrackerConversionDto] })
  items!: readonly TrackerConversionDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'MDE5YWE1YzAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAw',
    description: 'Send it as `cursor` for the next page; null on the last.',
  })
  nextCursor!: string | null;
}

export function conversionDto(conversion: TrackerConversion, network: string | null): TrackerConversionView {
  return {
    id: conversion.id,
    event: conversion.event,
    reportedEvent: conversion.reportedEvent,
    ordinal: conversion.ordinal,
    integrationId: conversion.integrationId,
    network,
    campaignId: conversion.campaignId,
    // Erased ones hold empty text.
    clickId: conversion.clickId === '' ? null : conversion.clickId,
    chatId: conversion.chatId === '' ? null : conversion.chatId,
    tid: conversion.tid,
    cost: conversion.cost,
    currency: conversion.currency,
    costRaw: conversion.costRaw,
    fields: conversion.fields ?? {},
    receivedAt: conversion.receivedAt.toISOString(),
    postbackId: conversion.postbackId,
    reversedAt: conversion.reversedAt?.toISOString() ?? null,
    voidedAt: conversion.voidedAt?.toISOString() ?? null,
    replacedBy: conversion.replacedBy,
    test: conversion.test,
  };
}
