import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ErrorDto } from '../error.dto';
import { Public } from '../auth/public.decorator';

const PATIENCE_MS = 2000;

export class HealthDto {
  @ApiProperty({ example: 'ok' })
  status!: string;
}

@ApiTags('health')
@Controller('health')
@Public()
export class HealthController {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  @Get()
  @ApiOperation({ operationId: 'health', summary: 'Whether postbacks are taken' })
  @ApiOkResponse({ type: HealthDto })
  @ApiServiceUnavailableResponse({ type: ErrorDto, description: 'The database does not answer.' })
  async look(): Promise<Readonly<HealthDto>> {
    if (await this.databaseAnswers()) return { status: 'ok' };
    throw new ServiceUnavailableException('The database does not answer.');
  }

  private databaseAnswers(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, PATIENCE_MS);
      this.dataSource
        .query('SELECT 1')
        .then(
          () => {
            resolve(true);
          },
          () => {
            resolve(false);
          },
        )
        .finally(() => {
          clearTimeout(timer);
        });
    });
  }
}
