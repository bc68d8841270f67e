import { openDatabase } from './database/sample.database';
import { DemoService } from './demo/demo.service';
import { announce, withdraw } from './running.file';
import { createSampleApp } from './sample.app';
import { journalFolder, readConfig } from './sample.config';
import { SampleLogger } from './sample.logger';
import { stopOnSignals } from './shutdown';
import { localUrl, startReport } from './start.report';

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const logger = new SampleLogger('SampleCrm');
  const opened: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close();
  };
  stopOnSignals(stop, logger);
  try {
    const database = await openDatabase(config, (message) => {
      logger.log(message, 'Database');
    });
    opened.push(() => database.stop());
    const app = await createSampleApp(
      { ...config, databaseUrl: database.url, journalFolder: journalFolder(config) },
      logger,
    );
    opened.push(() => app.close());
    await app.init();
    const trial = await app.get(DemoService).prepare();
    await app.listen(config.port, '127.0.0.1');
    const { adminToken } = config;
    const { pid } = process;
    announce(config.dataFolder, { baseUrl: localUrl(config), adminToken, pid });
    opened.push(() => withdraw(config.dataFolder, pid));
    console.log(startReport(config, database.label, trial));
  } catch (error) {
    logger.error(explain(error, config.port));
    await stop();
    process.exit(1);
  }
}

function explain(error: unknown, port: number): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') {
    return `Port ${port} is taken. Stop what listens there, or choose another: PORT=${port + 1} npm start`;
  }
  return error.stack ?? error.message;
}

start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
