/** What was thrown, in words. Anything may be thrown, also what cannot be turned into a string. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'something that cannot be described was thrown';
  }
}
