/** The host's {@link TrackerPostbacksOptions}, as given. @internal */
export const TRACKER_OPTIONS = Symbol('TRACKER_OPTIONS');
/** The host's DataSource. @internal */
export const TRACKER_DATA_SOURCE = Symbol('TRACKER_DATA_SOURCE');
/** The {@link TrackerClock}. @internal */
export const TRACKER_CLOCK = Symbol('TRACKER_CLOCK');
/** Whether this registration mounts the admin routes. @internal */
export const ADMIN_ROUTES = Symbol('TRACKER_ADMIN_ROUTES');
