import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { TrackerHealthIndicator } from 'nestjs-tracker-postbacks';
import { ErrorDto } from '../error.dto';
import { Public } from '../auth/public.decorator';

export class HealthDto {
  @ApiProperty({ example: 'ok' })
  status!: string;

  @ApiProperty({
    type: [String],
    example: ['deliveries_parked'],
    description: 'What needs a look although postbacks are taken; empty when all is well.',
  })
  concerns!: readonly string[];
}

@ApiTags('health')
@Controller('health')
@Public()
export class HealthController {
  constructor(private readonly tracker: TrackerHealthIndicator) {}

  @Get()
  @ApiOperation({ operationId: 'health', summary: 'Whether postbacks are taken' })
  @ApiOkResponse({ type: HealthDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto, description: 'No postback could be stored now.' })
  async look(): Promise<Readonly<HealthDto>> {
    const { status, concerns } = await this.tracker.look();
    if (status === 'down') throw new ServiceUnavailableException('No postback could be stored now.');
    return { status: 'ok', concerns };
  }
}
