import { type ChildProcess, fork } from 'node:child_process';
import { compiledFile } from './compiled.file';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of a proof: it answers questions, and it may be killed, stopped and continued at any moment. */
export class ChildHandle {
  /** How it ended, once it has. */
  readonly ended: Promise<Ending>;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private output = '';

  private constructor(
    private readonly file: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (answer: Answer) => {
      const waiting = this.waiting.get(answer.id);
      this.waiting.delete(answer.id);
      if (answer.error === undefined) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(`${file}: ${answer.error}`));
    });
    // Its channel breaks when it is killed; how it ended is told by "exit".
    child.on('error', () => undefined);
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString('utf8')).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        for (const { reject } of this.waiting.values()) {
          reject(new Error(`${file} ended (${signal ?? String(code)}):\n${this.output}`));
        }
        this.waiting.clear();
        resolve({ code, signal });
      });
    });
  }

  /** @param name of a compiled module below this folder's `src`, such as `app/app.process` */
  static start(name: string): ChildHandle {
    // A group of its own: Ctrl-C of the terminal reaches the proof, which stops its processes in order.
    const child = fork(compiledFile(name), { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    return new ChildHandle(name, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The last of what it printed. */
  get lastOutput(): string {
    return this.output;
  }

  ask<R>(question: string, order: unknown = null): Promise<R> {
    const id = ++this.lastId;
    return new Promise<R>((resolve, reject) => {
      const refuse = (reason: string): void => {
        this.waiting.delete(id);
        reject(new Error(`${this.file} cannot be asked "${question}": ${reason}\n${this.output}`));
      };
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (this.hasEnded) refuse('it has ended');
      else
        this.child.send({ id, question, order }, (error) => {
          if (error !== null) refuse(error.message);
        });
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Closing the channel tells it to end; one that does not is killed. */
  async stop(patienceMs = 20_000): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }
}
