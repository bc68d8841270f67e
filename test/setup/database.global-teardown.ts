/** Every project of the run has this teardown; the first one stops what they shared. */
export default async function stop(): Promise<void> {
  const database = globalThis.trackerTestDatabase;
  globalThis.trackerTestDatabase = undefined;
  await database?.stop();
}
