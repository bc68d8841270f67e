import { existsSync, readFileSync } from 'node:fs';

/** The records of a `DurableLog`; a last line that a kill tore is nobody's record. */
export function readRecords(path: string): readonly unknown[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  // After the last line break stands nothing, or what was torn.
  lines.pop();
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
}
