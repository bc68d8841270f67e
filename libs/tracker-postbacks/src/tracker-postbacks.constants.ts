/** The tenant everything belongs to when the host supplies no tenant resolver. */
export const DEFAULT_TENANT = 'default';
/** First path segments under the host's global prefix. The routes are a contract with networks and clients. */
export const PUBLIC_PATH = 'postbacks';
export const ADMIN_PATH = 'tracker';
