import { ApiProperty } from '@nestjs/swagger';
import { type DecimalMark, type FieldMapping } from '../rules/recipe';
import {
  type PresetCustomField,
  type PresetEvidence,
  type PresetFormField,
  type PresetReply,
} from './network-preset';
import { type NetworkPostbackView, type NetworkView } from './network-view';

export class TrackerNetworkPostbackDto implements NetworkPostbackView {
  @ApiProperty({ example: 'First Deposit' })
  name!: string;

  @ApiProperty({ example: 'sale', description: 'An event name, or the network’s own macro.' })
  event!: string;

  @ApiProperty({ type: String, nullable: true, example: '{amount}' })
  cost!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'default',
    description: 'A macro of the network, or `default` for the integration’s default currency.',
  })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '{event_id}' })
  tid!: string | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'object', properties: { key: { type: 'string' }, macro: { type: 'string' } } },
    example: [{ key: 'user_id', macro: '{user_id}' }],
  })
  fields!: readonly FieldMapping[];

  @ApiProperty({ example: false, description: 'A period aggregate that is never summed.' })
  snapshot!: boolean;
}

export class TrackerNetworkCustomFieldDto implements PresetCustomField {
  @ApiProperty({ example: 'user_id' })
  key!: string;

  @ApiProperty({ example: '{user_id}' })
  macro!: string;

  @ApiProperty({ example: 'The player’s id at 1win' })
  description!: string;
}

export class TrackerNetworkFormFieldDto implements PresetFormField {
  @ApiProperty({ example: 'First deposit', description: 'The label in the network’s cabinet.' })
  field!: string;

  @ApiProperty({ example: 'the URL of First Deposit' })
  enter!: string;
}

export class TrackerNetworkReplyDto implements PresetReply {
  @ApiProperty({ enum: ['json', 'text', 'empty', 'gif'], example: 'text' })
  format!: 'json' | 'text' | 'empty' | 'gif';

  @ApiProperty({ required: false, example: 'OK' })
  text?: string;

  @ApiProperty({ required: false, example: false })
  always200?: boolean;
}

/** A network preset of the catalogue. */
export class TrackerNetworkDto implements NetworkView {
  @ApiProperty({ example: '1win', description: 'To be given as `network` when an integration is created.' })
  key!: string;

  @ApiProperty({ example: '1win' })
  name!: string;

  @ApiProperty({ example: 'sub1', description: 'The parameter of the landing link that the network echoes.' })
  clickIdParameter!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '{x}',
    description: 'Null: the network appends parameters of its own and fills in no macros.',
  })
  macroSyntax!: string | null;

  @ApiProperty({ type: [String], example: ['registration', 'sale', 'resale'] })
  events!: readonly string[];

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { ftd: 'sale' },
    description: 'The network’s word → what it means.',
  })
  eventMap!: Readonly<Record<string, string>>;

  @ApiProperty({ type: [TrackerNetworkPostbackDto] })
  postbacks!: readonly TrackerNetworkPostbackDto[];

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ type: String, nullable: true, enum: ['.', ',', null], example: '.' })
  decimalMark!: DecimalMark | null;

  @ApiProperty({ example: false, description: 'The base URL may hold no `?`: events stand in the path.' })
  eventInPath!: boolean;

  @ApiProperty({ example: true, description: 'Whether its URLs can carry a secret.' })
  secretPossible!: boolean;

  @ApiProperty({ type: [TrackerNetworkCustomFieldDto], description: 'Custom fields worth creating.' })
  customFields!: readonly TrackerNetworkCustomFieldDto[];

  @ApiProperty({ type: TrackerNetworkReplyDto, nullable: true, example: null })
  reply!: TrackerNetworkReplyDto | null;

  @ApiProperty({ type: [TrackerNetworkFormFieldDto], description: 'What the network’s form asks for.' })
  form!: readonly TrackerNetworkFormFieldDto[];

  @ApiProperty({ type: [String], example: ['1win sends no currency.'] })
  notes!: readonly string[];

  @ApiProperty({ enum: ['official', 'vendor', 'template', 'none'], example: 'template' })
  evidence!: PresetEvidence;

  @ApiProperty({ type: String, nullable: true, example: null })
  source!: string | null;

  @ApiProperty({
    example: '2026-11-21',
    description: 'The day the preset was last compared with its source.',
  })
  verifiedOn!: string;
}

export class TrackerNetworkPageDto {
  @ApiProperty({ type: [TrackerNetworkDto] })
  items!: readonly TrackerNetworkDto[];

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Always null: one page holds them all.',
  })
  nextCursor!: string | null;
}
