const WATCHED = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];
const LOOK_EVERY_MS = 100;

/** Ends the process with a code of its own for what no request and no outage may ever cause. */
export function watchProcess(): void {
  process.on('unhandledRejection', (reason) => {
    fail(98, reason);
  });
  process.on('uncaughtException', (error) => {
    fail(97, error);
  });
  const before = WATCHED.map(fingerprint);
  const look = (): void => {
    const changed = WATCHED.find((prototype, index) => fingerprint(prototype) !== before[index]);
    if (changed !== undefined) fail(96, fingerprint(changed));
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  process.once('exit', look);
}

function fail(code: number, reason: unknown): void {
  console.error(`FAULT ${code}:`, reason);
  // Its end is the report: nothing that listens to "exit" may turn it into another.
  process.removeAllListeners('exit');
  process.exit(code);
}

function fingerprint(prototype: object): string {
  return Reflect.ownKeys(prototype)
    .map((key) => {
      const property = Object.getOwnPropertyDescriptor(prototype, key);
      const { enumerable, configurable, writable } = property ?? {};
      const kinds = [typeof property?.value, typeof property?.get, typeof property?.set];
      return [String(key), ...kinds, enumerable, configurable, writable].join(':');
    })
    .join('\n');
}
