import { Inject, Injectable } from '@nestjs/common';
import { IntakeState } from '../postbacks/intake-state';
import { type TrackerClock } from '../tracker-postbacks.options';
import { TRACKER_CLOCK } from '../tracker-postbacks.tokens';
import { TrackerSurvey } from './health.survey';
import { healthOf, type TrackerHealth } from './health.verdict';

const MAX_LAG_MS = 60_000;

/** How strict a health check is. */
export interface TrackerHealthOptions {
  /** Milliseconds the database may take to answer. @default 2000 */
  readonly timeoutMs?: number;
  /** Milliseconds a due event may wait for its handler before it is a concern. @default 60000 */
  readonly maxLagMs?: number;
}

/**
 * Tells whether postbacks can be stored, in the form of an indicator of `@nestjs/terminus`, which it does not need.
 *
 * @example
 * @Get('ready')
 * @HealthCheck()
 * ready() {
 *   return this.health.check([() => this.tracker.isHealthy('tracker')]);
 * }
 */
@Injectable()
export class TrackerHealthIndicator {
  constructor(
    @Inject(IntakeState) private readonly intake: IntakeState,
    @Inject(TrackerSurvey) private readonly survey: TrackerSurvey,
    @Inject(TRACKER_CLOCK) private readonly clock: TrackerClock,
  ) {}

  /** Never rejects, and answers within `timeoutMs`. `down` means that a postback could not be stored now. */
  async isHealthy<const Key extends string = 'tracker'>(
    key: Key = 'tracker' as Key,
    options: TrackerHealthOptions = {},
  ): Promise<Record<Key, TrackerHealth & Record<string, unknown>>> {
    const health = await this.look(options);
    return { [key]: health } as Record<Key, TrackerHealth & Record<string, unknown>>;
  }

  /** The same without Terminus' wrapping. */
  async look({ timeoutMs, maxLagMs = MAX_LAG_MS }: TrackerHealthOptions = {}): Promise<TrackerHealth> {
    const survey = await this.survey.read(timeoutMs).catch(() => null);
    // After the question: what was so before it may have changed.
    return healthOf(this.intake.status(), survey, { maxLagMs, now: this.clock.now() });
  }
}
