import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiResponse,
} from '@nestjs/swagger';
import { VERDICT_CODES, VERDICT_STATUSES } from '../rules/codes';

const CODES = Object.values(VERDICT_CODES).flat();
const INTEGRATION_ID = '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e';

/** One remark about a postback. */
export class TrackerWarningDto {
  @ApiProperty({ example: 'amount_missing', description: 'Stable; may be branched on.' })
  code!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'tracker.cost',
    description: 'The parameter at fault.',
  })
  parameter!: string | null;

  @ApiProperty({
    example: 'No amount was sent: add tracker.cost={amount} to the URL.',
    description: 'What to mend.',
  })
  message!: string;
}

/** What every network hears, unless its integration is set to another reply. */
export class TrackerVerdictDto {
  @ApiProperty({ enum: VERDICT_STATUSES, example: 'accepted' })
  status!: string;

  @ApiProperty({ enum: CODES, example: 'ok', description: 'Stable; may be branched on.' })
  code!: string;

  @ApiProperty({
    example: 'Accepted and recorded.',
    description: 'English; says how to mend what was wrong.',
  })
  message!: string;

  @ApiProperty({ format: 'uuid', example: '0199f3a0-5b1c-7d3e-9c51-6c1b2f0e4a77' })
  postbackId!: string;

  @ApiPropertyOptional({ example: 'sale', description: 'The recorded event, as far as it is known.' })
  event?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'The conversion recorded, or the one this is a duplicate of.',
  })
  conversionId?: string;

  @ApiProperty({ type: [TrackerWarningDto] })
  warnings!: TrackerWarningDto[];
}

/** Nothing was stored. */
export class TrackerRefusalDto {
  @ApiProperty({ example: 404 })
  statusCode!: number;

  @ApiProperty({ example: 'integration_unknown' })
  code!: string;

  @ApiProperty({ example: 'No integration has this id.' })
  message!: string;
}

const PARAMETERS = [
  ['tracker.event', 'sale', 'What happened: registration, conf, sale, resale or any custom name.'],
  ['clickid', '67wgwWkaR0bQ', 'The click id that the registration link carried. Case-sensitive.'],
  ['tracker.cost', '12.50', 'Amount, in whatever form the network writes it.'],
  ['tracker.currency', 'usd', 'Currency code, in any case.'],
  ['tracker.tid', '77', "The network's transaction id: the same one is counted once."],
  ['fields.user_id', '5', 'A custom field: any fields.<key> is handed to the CRM.'],
  ['key', 's3cret', "The integration's secret, if it has one. Never stored."],
] as const;

const PARAMETER_SCHEMA = {
  type: 'object' as const,
  properties: Object.fromEntries(
    PARAMETERS.map(([name, example, description]) => [name, { type: 'string', example, description }]),
  ),
  additionalProperties: { type: 'string' },
};

/** Describes one of the four ways to send a postback. */
export function ApiPostback(method: 'get' | 'post', pathEvent: boolean): MethodDecorator {
  const suffix = pathEvent ? 'WithPathEvent' : '';
  return applyDecorators(
    ApiOperation({
      operationId: `${method === 'get' ? 'receivePostback' : 'receivePostedPostback'}${suffix}`,
      summary: pathEvent
        ? 'Receive a postback whose event stands in the path (for base URLs that may hold no "?")'
        : 'Receive a postback from an affiliate network',
      description:
        'Every request for a known integration is committed before it is answered, with exactly one verdict. ' +
        'Unknown parameters are kept. HEAD answers 200 and records nothing.',
    }),
    ...pathParameters(pathEvent),
    ...PARAMETERS.map(([name, example, description]) =>
      ApiQuery({ name, example, description, required: false, type: String }),
    ),
    ...(method === 'post'
      ? [
          ApiBody({
            required: false,
            description: 'The same parameters as form or JSON; nested JSON objects are flattened with dots.',
            schema: PARAMETER_SCHEMA,
          }),
        ]
      : []),
    ApiResponse({
      status: 200,
      type: TrackerVerdictDto,
      description: 'accepted, duplicate, unmatched, ignored or deferred.',
    }),
    ApiResponse({ status: 400, type: TrackerVerdictDto, description: 'rejected: can never work as sent.' }),
    ApiResponse({
      status: 403,
      type: TrackerVerdictDto,
      description: 'quarantined: wrong secret or address; kept, not judged.',
    }),
    ApiResponse({
      status: 404,
      type: TrackerRefusalDto,
      description: 'No such integration; nothing was stored.',
    }),
    ApiResponse({
      status: 503,
      type: TrackerRefusalDto,
      description: 'Nothing was stored; see Retry-After.',
    }),
  );
}

export function ApiPostbackOptions(pathEvent: boolean): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      operationId: `postbackMethods${pathEvent ? 'WithPathEvent' : ''}`,
      summary: 'Which methods the postback URL takes',
    }),
    ...pathParameters(pathEvent),
    ApiResponse({ status: 204, description: 'See the Allow header.' }),
  );
}

function pathParameters(pathEvent: boolean): MethodDecorator[] {
  const integrationId = ApiParam({
    name: 'integrationId',
    description: 'Id of the integration, as in its ready URLs.',
    schema: { type: 'string', format: 'uuid', example: INTEGRATION_ID },
  });
  return pathEvent
    ? [
        integrationId,
        ApiParam({
          name: 'event',
          type: String,
          example: 'sale',
          description: 'Event name, or the word the network sends.',
        }),
      ]
    : [integrationId];
}
