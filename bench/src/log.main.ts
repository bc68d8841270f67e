import { PostgresServer } from './postgres.server';
import { type ExportFigures, measureExport } from './log.export.part';
import { FILTER_FLOOR_MS, type FilterTime, filterQueries, measureFilter } from './log.filters.part';
import { startLogHost } from './log.host';
import { LOG_USAGE, type LogBenchOptions, readLogOptions } from './log.options';
import { fillLog } from './log.rows';
import { textTable } from './text.table';

const say = (line: string): void => {
  console.log(line);
};
const ms = (value: number): string => value.toFixed(1);

async function run({ rows, databaseUrl }: LogBenchOptions): Promise<boolean> {
  const server = await PostgresServer.start(databaseUrl);
  try {
    say(`Node ${process.versions.node}; ${server.description}`);
    const database = await server.createDatabase('log');
    const empty = await startLogHost(database.url);
    const integrationIds = await empty.createIntegrations();
    await empty.close();
    say(`making a log of ${rows} rows`);
    await fillLog(database, rows, integrationIds, say);
    const host = await startLogHost(database.url);
    try {
      const times: FilterTime[] = [];
      const [deposit] = await database.rows<{ tid: string }>(
        'SELECT tid FROM tracker_postbacks WHERE tid IS NOT NULL LIMIT 1',
      );
      for (const [name, query] of filterQueries(integrationIds, deposit?.tid ?? '')) {
        times.push(await measureFilter(host, database, name, query));
      }
      say(`\n${filterTable(times)}\n\nplans, from the outside inwards, with the rows of each node`);
      for (const { name, plan } of times) say(`  ${name}: ${plan}`);
      const exports: ExportFigures[] = [];
      for (const path of ['postbacks/export.csv', 'conversions/export.csv']) {
        exports.push(await measureExport(host, path));
      }
      say(`\n${exportTable(exports)}`);
      return times.every((time) => !time.bound || time.median <= FILTER_FLOOR_MS);
    } finally {
      await host.close();
    }
  } finally {
    await server.stop();
  }
}

function filterTable(times: readonly FilterTime[]): string {
  return textTable(
    ['one page by', 'rows', 'median ms', 'slowest ms', `≤ ${FILTER_FLOOR_MS} ms`],
    times.map(({ name, items, median, slowest, bound }) => [
      name,
      String(items),
      ms(median),
      ms(slowest),
      bound ? (median <= FILTER_FLOOR_MS ? 'ok' : 'MISSED') : '(not bound)',
    ]),
  );
}

function exportTable(exports: readonly ExportFigures[]): string {
  return textTable(
    ['export', 'rows', 'MB', 's', 'rows/s', 'RSS before', 'first tenth', 'last tenth', 'highest', 'after'],
    exports.map(({ path, rows, megabytes, seconds, before, early, late, highest, after }) => [
      path,
      ...[rows, megabytes, seconds, rows / seconds, before, early, late, highest, after].map((n) =>
        n.toFixed(0),
      ),
    ]),
  );
}

async function main(): Promise<void> {
  let options: LogBenchOptions;
  try {
    options = readLogOptions(process.argv.slice(2), process.env);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${LOG_USAGE}`);
    process.exitCode = 2;
    return;
  }
  if (!(await run(options))) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
});
