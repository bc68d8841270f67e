import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TrackerError } from '../tracker-postbacks.errors';

/** Answers our own refusals; everything else (401, 429 …) is left to the host's filters. */
@Catch(TrackerError)
export class TrackerErrorFilter implements ExceptionFilter<TrackerError> {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch(error: TrackerError, host: ArgumentsHost): void {
    const { statusCode, code, message, details } = error;
    const body = { statusCode, code, message, ...(details === undefined ? {} : { details }) };
    this.host.httpAdapter.reply(host.switchToHttp().getResponse<unknown>(), body, statusCode);
  }
}
