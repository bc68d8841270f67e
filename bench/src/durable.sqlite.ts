/** For every contestant alike: better-sqlite3 alone leaves a commit in the cache of the system when it says WAL. */
export function makeDurable(handle: { pragma(text: string): unknown }): void {
  handle.pragma('journal_mode = WAL');
  handle.pragma('synchronous = FULL');
}
