import { type INestApplication } from '@nestjs/common';
import { IntakeService } from '../../libs/tracker-postbacks/src/postbacks/intake.service';
import { SecondLook } from '../../libs/tracker-postbacks/src/postbacks/second-look';

/**
 * Waits for the second look that every unmatched postback takes by itself after its commit. One that is still under way
 * may find a click before the registration or the sweep does that the spec is about.
 */
export const looksAreOver = (app: INestApplication): Promise<void> => app.get(IntakeService).settled();

/** From here on stored postbacks are judged again when the spec says so: the timer would be a second hand at the same rows. */
export const stopLooking = (app: INestApplication): Promise<void> => app.get(SecondLook)['stop']();
