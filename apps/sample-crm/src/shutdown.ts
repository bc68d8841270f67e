import { type LoggerService } from '@nestjs/common';

const DEADLINE_MS = 20_000;
/** npm hands Ctrl-C on to a process that the terminal has told already: that is not a second one. */
const ECHO_MS = 1000;

/** Ctrl-C and `kill` stop gracefully; a second one, or the deadline, at once. */
export function stopOnSignals(stop: () => Promise<void>, logger: LoggerService): void {
  let askedAt: number | undefined;
  const ask = (signal: string): void => {
    if (askedAt !== undefined) {
      if (Date.now() - askedAt > ECHO_MS) process.exit(1);
      return;
    }
    askedAt = Date.now();
    logger.log(`${signal}: finishing what is under way`);
    setTimeout(() => {
      logger.error('Not finished in time, leaving; nothing acknowledged is lost.');
      process.exit(1);
    }, DEADLINE_MS).unref();
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
        process.exit(1);
      },
    );
  };
  watchNpm(() => {
    ask('npm is gone');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      ask(signal);
    });
  }
}

/** A `kill` of npm ends npm and its shell, not what they started: without this, the port would stay taken. */
function watchNpm(gone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    gone();
  }, 500);
  watch.unref();
}
