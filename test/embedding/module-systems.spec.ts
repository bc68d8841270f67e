import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WORKSPACE = resolve(__dirname, '../..');
const HOSTS = join(__dirname, 'hosts');
const BUILD_MS = 300_000;

/** The package as it is published: what `npm run build` makes, loaded by plain Node. */
describe('hosts of both module systems', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tracker-hosts-'));

  beforeAll(async () => {
    await run(process.execPath, [
      join(WORKSPACE, 'node_modules/typescript/bin/tsc'),
      '-b',
      join(WORKSPACE, 'libs/tracker-postbacks'),
    ]);
  }, BUILD_MS);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['commonjs-host.cjs', 'module-host.mjs'])(
    '%s records a deposit and handles it',
    async (file) => {
      const { stdout } = await run(process.execPath, [join(HOSTS, file), join(folder, `${file}.sqlite`)]);
      expect(JSON.parse(stdout)).toEqual({
        status: 'accepted',
        code: 'ok',
        handled: [[true, 'sale', '12.50']],
        // What a host does not use is not loaded for him.
        loaded: [],
      });
    },
    BUILD_MS,
  );

  it(
    "a host's own jest runs a spec with the module in it",
    async () => {
      const jest = join(WORKSPACE, 'node_modules/jest/bin/jest.js');
      const { stderr } = await run(process.execPath, [jest, '-c', join(HOSTS, 'jest.config.cjs')]);
      expect(stderr).toContain('Tests:       1 passed, 1 total');
    },
    BUILD_MS,
  );
});
