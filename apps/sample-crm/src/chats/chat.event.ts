import { type AnyTrackerEvent, type TrackerUnmatchedEvent } from 'nestjs-tracker-postbacks';

/** The tracker events that belong to a chat: all but `unmatched`. */
export type ChatEvent = Exclude<AnyTrackerEvent, TrackerUnmatchedEvent>;
