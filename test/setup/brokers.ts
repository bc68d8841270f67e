import { spawnSync } from 'node:child_process';

const PROBE = `
  const [host, port] = process.argv.slice(1);
  const socket = require('node:net').connect(Number(port), host, () => process.exit(0));
  socket.setTimeout(1000, () => process.exit(1));
  socket.on('error', () => process.exit(1));
`;

/**
 * Where a broker is, or null and a line that says so: the specs that need it are skipped then. One that is named by the
 * variable and cannot be reached is an error.
 */
export function brokerAt(variable: string, standard: string): URL | null {
  const named = process.env[variable];
  const url = new URL(named ?? standard);
  const { status } = spawnSync(process.execPath, ['-e', PROBE, url.hostname, url.port]);
  if (status === 0) return url;
  if (named !== undefined) throw new Error(`${variable} is ${named}, and nothing answers there.`);
  process.stderr.write(`SKIPPED: no broker at ${standard}; start one there or set ${variable}.\n`);
  return null;
}

export const natsUrl = (): URL | null => brokerAt('TEST_NATS_URL', 'nats://127.0.0.1:4222');
export const rabbitUrl = (): URL | null => brokerAt('TEST_RABBITMQ_URL', 'amqp://guest:guest@127.0.0.1:5672');
