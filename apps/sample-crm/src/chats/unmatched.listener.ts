import { Injectable, Logger } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { type TrackerUnmatchedEvent } from 'nestjs-tracker-postbacks';

/** A listener, not a handler: told after the commit, at most once. Good for alarms, never for money. */
@Injectable()
export class UnmatchedListener {
  private readonly logger = new Logger(UnmatchedListener.name);

  @OnEvent('tracker.unmatched')
  warn({ reportedEvent, clickId, code, integrationId }: TrackerUnmatchedEvent): void {
    this.logger.warn(
      `A postback of integration ${integrationId} fits no chat (${code}): ` +
        `${reportedEvent ?? 'event'} for click ${clickId ?? '(none)'}.`,
    );
  }
}
