import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../network/free.port';
import { ChildHandle } from '../processes/child.handle';
import { type DaemonOrder } from './daemon.process';

/** A broker of the proof's own, on a port and data of its own. */
export interface BrokerServer {
  readonly url: string;
  kill(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Null where NATS is not installed. */
export async function startNats(): Promise<BrokerServer | null> {
  const command = program('nats-server');
  if (command === null) return null;
  const [port, folder] = [await freePort(), newFolder()];
  return start(`nats://127.0.0.1:${port}`, {
    command,
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
    environment: {},
    port,
    folder,
  });
}

/** Null where RabbitMQ is not installed. */
export async function startRabbit(): Promise<BrokerServer | null> {
  const command = program('rabbitmq-server', ['/usr/lib/rabbitmq/bin']);
  if (command === null) return null;
  const [port, distribution, folder] = [await freePort(), await freePort(), newFolder()];
  const plugins = join(folder, 'plugins');
  writeFileSync(plugins, '[].\n');
  const [settings, variables] = [join(folder, 'rabbitmq.conf'), join(folder, 'environment.conf')];
  writeFileSync(settings, `listeners.tcp.1 = 127.0.0.1:${port}\n`);
  writeFileSync(variables, '');
  return start(`amqp://guest:guest@127.0.0.1:${port}`, {
    command,
    args: [],
    environment: {
      HOME: folder,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_FLAGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      RABBITMQ_NODENAME: `proof-${port}@localhost`,
      // Not those of the machine's own server.
      RABBITMQ_CONFIG_FILE: settings,
      RABBITMQ_CONF_ENV_FILE: variables,
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    },
    port,
    folder,
  });
}

async function start(url: string, order: DaemonOrder): Promise<BrokerServer> {
  const daemon = ChildHandle.start('servers/daemon.process');
  try {
    await daemon.ask('start', order);
  } catch (error) {
    await daemon.stop();
    throw error;
  }
  return {
    url,
    kill: () => daemon.ask('kill'),
    resume: () => daemon.ask('resume'),
    stop: () => daemon.stop(),
  };
}

/** The real program, not a wrapper of a distribution that changes its user. */
function program(name: string, first: readonly string[] = []): string | null {
  const folders = [...first, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'tracker-broker-'));
}
