import { HttpCode, Inject, Post } from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiServiceUnavailableResponse,
} from '@nestjs/swagger';
import { AdminController } from '../admin/admin.controller';
import { TrackerErrorDto } from '../admin/admin.dto';
import { type AdminScope, Scope } from '../admin/scope';
import { Body, RowId } from '../admin/validation';
import { TrackerDryRunDto, TrackerDryRunRequestDto } from './doctor.dto';
import { type DryRun, TrackerDoctor } from './doctor.service';
import { TrackerTestPostbackDto, TrackerTestPostbackRequestDto } from './test-postback.dto';
import { type TestPostback, TestPostbacks } from './test-postback.service';

const ID = {
  name: 'id',
  type: String,
  format: 'uuid',
  example: '48d0524a-3abb-4cd5-82b8-404fa1cb4f7e',
  description: 'The integration.',
};
const LANGUAGE = {
  name: 'Accept-Language',
  required: false,
  schema: { type: 'string' as const, example: 'ru' },
  description: 'Language of the messages: English or Russian.',
};

/** @internal */
@AdminController('integrations', 'Doctor')
export class TrackerDoctorController {
  constructor(
    @Inject(TrackerDoctor) private readonly doctor: TrackerDoctor,
    @Inject(TestPostbacks) private readonly testPostbacks: TestPostbacks,
  ) {}

  @Post(':id/dry-run')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'dryRunPostback',
    summary: 'Say what is wrong with a pasted URL',
    description:
      'Reads and judges a postback URL or a registration link as it would be now, lists what is wrong, and answers the ' +
      'corrected URL. Changes nothing, fetches nothing. A text that is no URL: 400 `url_invalid`.',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam(ID)
  @ApiBody({ type: TrackerDryRunRequestDto })
  @ApiOkResponse({ type: TrackerDryRunDto, description: 'What the doctor found.' })
  dryRun(
    @RowId() id: string,
    @Body(TrackerDryRunRequestDto) body: TrackerDryRunRequestDto,
    @Scope() scope: AdminScope,
  ): Promise<DryRun> {
    return this.doctor.dryRun(id, body, scope);
  }

  @Post(':id/test-postback')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'sendTestPostback',
    summary: 'Send a sample of one event through the real pipeline',
    description:
      'With a fresh test click; all it makes is marked `test` and left out of lists and statistics. Handlers and ' +
      'listeners hear of it only with a `chatId` and `deliver: true`.',
  })
  @ApiHeader(LANGUAGE)
  @ApiParam(ID)
  @ApiBody({ type: TrackerTestPostbackRequestDto })
  @ApiOkResponse({ type: TrackerTestPostbackDto, description: 'What came of the sample.' })
  @ApiServiceUnavailableResponse({ type: TrackerErrorDto, description: '`storage_unavailable`' })
  testPostback(
    @RowId() id: string,
    @Body(TrackerTestPostbackRequestDto) body: TrackerTestPostbackRequestDto,
    @Scope() scope: AdminScope,
  ): Promise<TestPostback> {
    return this.testPostbacks.send(id, body, scope);
  }
}
