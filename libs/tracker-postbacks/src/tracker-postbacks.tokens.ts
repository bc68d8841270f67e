/** The host's {@link TrackerPostbacksOptions}, as given. @internal */
export const TRACKER_OPTIONS = Symbol('TRACKER_OPTIONS');
/** The host's DataSource. @internal */
export const TRACKER_HOST_DATA_SOURCE = Symbol('TRACKER_HOST_DATA_SOURCE');
/** What is read through: the host's DataSource, on SQLite one of our own to the same file, which only reads. @internal */
export const TRACKER_DATA_SOURCE = Symbol('TRACKER_DATA_SOURCE');
/** The {@link TrackerClock}. @internal */
export const TRACKER_CLOCK = Symbol('TRACKER_CLOCK');
/** Whether this registration mounts the admin routes. @internal */
export const ADMIN_ROUTES = Symbol('TRACKER_ADMIN_ROUTES');
