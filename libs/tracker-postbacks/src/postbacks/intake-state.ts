import { Inject, Injectable } from '@nestjs/common';
import { DatabaseBreaker } from '../database/database-breaker';
import { Journal, type JournalStatus } from '../journal/journal';
import { IntakeService } from './intake.service';

/** How the way in stands now. */
export interface IntakeStatus {
  /** Postbacks that wait to be written. */
  readonly queued: number;
  readonly database: {
    readonly isAway: boolean;
    /** Milliseconds since the epoch. */
    readonly since: number | null;
  };
  /** Null where none is configured. */
  readonly journal: JournalStatus | null;
}

/** Tells how the way in stands, without asking anybody. */
@Injectable()
export class IntakeState {
  constructor(
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(DatabaseBreaker) private readonly breaker: DatabaseBreaker,
    @Inject(Journal) private readonly journal: Journal,
  ) {}

  status(): IntakeStatus {
    return {
      queued: this.intake.queueLength,
      database: { isAway: this.breaker.isOpen, since: this.breaker.openSince },
      journal: this.journal.status(),
    };
  }
}
