import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { answerQuestions } from '../processes/child.questions';

const START_MS = 60_000;

/** A server program that is killed and started again, on the same data. */
export interface DaemonOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly port: number;
  /** Removed at the end. */
  readonly folder: string;
}

let order: DaemonOrder | undefined;
let daemon: ChildProcess | undefined;
let output = '';

async function start(given: DaemonOrder): Promise<void> {
  order = given;
  await resume();
}

async function resume(): Promise<void> {
  if (order === undefined) throw new Error('Nothing was started yet.');
  const { command, args, environment, port } = order;
  // Its own group: a server that is a script and its children dies whole.
  daemon = spawn(command, [...args], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [daemon.stdout, daemon.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    });
  }
  for (const end = performance.now() + START_MS; performance.now() < end;) {
    if (daemon.exitCode !== null) break;
    if (await answers(port)) return;
    await wait(100);
  }
  throw new Error(`${command} does not listen on ${port}:\n${output}`);
}

/** kill -9 of the whole group; resolves when it is gone. */
async function kill(): Promise<void> {
  const { pid } = daemon ?? {};
  if (daemon === undefined || pid === undefined || daemon.exitCode !== null || daemon.signalCode !== null)
    return;
  const gone = new Promise((resolve) => daemon?.once('exit', resolve));
  process.kill(-pid, 'SIGKILL');
  await gone;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

answerQuestions({ start, kill, resume }, async () => {
  await kill();
  if (order !== undefined) rmSync(order.folder, { recursive: true, force: true });
});
