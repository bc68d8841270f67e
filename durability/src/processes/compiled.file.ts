import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** A compiled module of this folder, from the sources (jest runs those) and from the build alike. */
export function compiledFile(name: string): string {
  return join(ROOT, 'dist', `${name}.js`);
}
