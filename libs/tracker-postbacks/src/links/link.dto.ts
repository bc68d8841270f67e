import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IfGiven, IsInt, IsString, Max, Min, Type } from '../admin/validators';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../admin/page';
import { type FieldMapping } from '../rules/recipe';
import { type LinkValueGroup, type LinkValues } from '../rules/link-rendering.rule';
import { MAX_BASE_URL_LENGTH } from '../rules/link-template.rule';
import { type TrackerLinkFinding } from './link-findings';
import { type CreateLink, type ListLinks, type RenderLink, type UpdateLink } from './link-input';
import { LINK_FINDING_CODES, type LinkFindingCode } from './link-messages';
import { type RenderedLinkView, type TrackerLinkView } from './link-view';

const NAME = { example: 'Landing, English', minLength: 1, maxLength: 255, description: 'For people only.' };
const BASE_URL = {
  example: 'https://1w.example/casino/play/aviator?open=register',
  maxLength: MAX_BASE_URL_LENGTH,
  description:
    'The landing URL that the network gave out: http or https, kept byte for byte. Path, parameters and fragment may ' +
    'hold {{tracker.<key>}}, {{fields.<key>}} and {{variables.<name>}}. Its click-id parameter has to be absent, empty ' +
    'or {{tracker.clickid}}.',
};
/** A map from names to scalars. */
const VALUES = {
  type: 'object' as const,
  additionalProperties: {
    oneOf: [{ type: 'string' as const }, { type: 'number' as const }, { type: 'boolean' as const }],
    nullable: true,
  },
};

/** Body of `POST /integrations/:id/links`. */
export class TrackerCreateLinkDto implements CreateLink {
  @ApiProperty(NAME)
  @IsString()
  name!: string;

  @ApiProperty(BASE_URL)
  @IsString()
  baseUrl!: string;
}

/** Body of `PATCH /links/:id`: absent unchanged. */
export class TrackerUpdateLinkDto implements UpdateLink {
  @ApiPropertyOptional(NAME)
  @IfGiven()
  @IsString()
  name?: string;

  @ApiPropertyOptional(BASE_URL)
  @IfGiven()
  @IsString()
  baseUrl?: string;
}

export class TrackerLinkQueryDto implements ListLinks {
  @ApiPropertyOptional({ example: 'MDE5YWIzZjI', description: '`nextCursor` of the page before.' })
  @IfGiven()
  @IsString()
  cursor?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
    example: 50,
    description: 'Links on a page.',
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit?: number;
}

/** A field mapping that a postback config can take over as it is. */
export class TrackerLinkFieldMappingDto implements FieldMapping {
  @ApiProperty({ example: 'userid', description: 'Key of the CRM’s custom field.' })
  key!: string;

  @ApiProperty({ example: '{user_id}', description: 'The network’s macro, verbatim.' })
  macro!: string;
}

/** Something odd about a link, and what to do about it. */
export class TrackerLinkFindingDto implements TrackerLinkFinding {
  @ApiProperty({
    enum: LINK_FINDING_CODES,
    enumName: 'TrackerLinkFindingCode',
    example: 'network_macro_on_link',
  })
  code!: LinkFindingCode;

  @ApiProperty({ enum: ['url'], example: 'url' })
  about!: 'url';

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'fields.userid',
    description: 'The parameter of the link; null for path, fragment and parameter names.',
  })
  parameter!: string | null;

  @ApiProperty({
    example:
      'The link holds {user_id}, a macro of the network. The network fills it in only in postbacks, so leads get it as it stands.',
  })
  message!: string;

  @ApiProperty({
    example:
      'Take "fields.userid" out of the link and add the field mapping { "key": "userid", "macro": "{user_id}" } to the postback configs: the postback URLs then carry fields.userid={user_id}.',
  })
  fix!: string;

  @ApiProperty({
    type: TrackerLinkFieldMappingDto,
    nullable: true,
    description:
      'To be added to `fields` of the postback configs, where that does what the link was meant to do.',
  })
  fieldMapping!: TrackerLinkFieldMappingDto | null;
}

/** A registration link. */
export class TrackerLinkDto implements TrackerLinkView {
  @ApiProperty({ format: 'uuid', example: '019ab3f2-7c1e-7a52-9d55-2f6c1b1e7a10' })
  id!: string;

  @ApiProperty({ format: 'uuid', example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e' })
  integrationId!: string;

  @ApiProperty({ example: 'Landing, English' })
  name!: string;

  @ApiProperty({ example: 'https://1w.example/casino/play/aviator?open=register' })
  baseUrl!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'https://1w.example/casino/play/aviator?open=register&sub1={{tracker.clickid}}',
    description:
      'With our click id in the integration’s present click-id parameter. Null, with the finding ' +
      '`click_parameter_taken`, where the base URL holds something else in it since it was changed.',
  })
  finalUrl!: string | null;

  @ApiProperty({ type: [TrackerLinkFindingDto] })
  findings!: readonly TrackerLinkFindingDto[];

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-21T09:30:00.000Z' })
  updatedAt!: string;
}

export class TrackerLinkPageDto {
  @ApiProperty({ type: [TrackerLinkDto] })
  items!: readonly TrackerLinkDto[];

  @ApiProperty({ type: String, nullable: true, example: null })
  nextCursor!: string | null;
}

/** What fills the macros of a link. */
export class TrackerLinkValuesDto implements LinkValues {
  @ApiPropertyOptional({
    ...VALUES,
    example: { source: 'telegram' },
    description: 'For {{tracker.<key>}}; `clickid` is always the issued click id.',
  })
  tracker?: LinkValueGroup;

  @ApiPropertyOptional({
    ...VALUES,
    example: { name: 'Ana', age: 31 },
    description: 'For {{fields.<key>}}. Never read for macros. Keys are flat: `a.b` is one key.',
  })
  fields?: LinkValueGroup;

  @ApiPropertyOptional({
    ...VALUES,
    example: { promo: 'spring-{{fields.name}}' },
    description: 'For {{variables.<name>}}; may hold macros themselves, five levels deep.',
  })
  variables?: LinkValueGroup;
}

/** Body of `POST /links/:id/render`. */
export class TrackerRenderLinkDto implements RenderLink {
  @ApiProperty({
    example: 'chat-4711',
    minLength: 1,
    maxLength: 255,
    description: "The host's chat of the lead.",
  })
  chatId!: string;

  @ApiPropertyOptional({ type: TrackerLinkValuesDto })
  values?: TrackerLinkValuesDto;
}

/** A link for one lead. */
export class TrackerRenderedLinkDto implements RenderedLinkView {
  @ApiProperty({ example: 'https://1w.example/casino/play/aviator?open=register&sub1=k3JdQ9xT0aZb' })
  url!: string;

  @ApiProperty({ example: 'k3JdQ9xT0aZb', description: 'The chat’s click id, which the URL carries.' })
  clickId!: string;
}
