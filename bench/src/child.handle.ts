import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface ChildOptions {
  readonly execArgv?: readonly string[];
  /** A process group of its own: neither Ctrl-C nor the scheduler's view of our group reaches it. */
  readonly detached?: boolean;
}

/** A process of the bench that answers questions; it ends by itself when the bench is gone. */
export class ChildHandle {
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<void>;
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
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString('utf8')).slice(-4_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        for (const { reject } of this.waiting.values()) {
          reject(new Error(`${file} ended (${signal ?? String(code)}):\n${this.output}`));
        }
        this.waiting.clear();
        resolve();
      });
    });
  }

  /** @param name of a compiled module beside this one */
  static start(name: string, { execArgv = [], detached = false }: ChildOptions = {}): ChildHandle {
    const child = fork(join(__dirname, `${name}.js`), {
      execArgv: [...execArgv],
      detached,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new ChildHandle(name, child);
  }

  /** What the child's last lines said, for an error report. */
  get lastOutput(): string {
    return this.output;
  }

  ask<R>(question: string, order: unknown = null): Promise<R> {
    const id = ++this.lastId;
    return new Promise<R>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.send({ id, question, order }, (error) => {
        if (error === null) return;
        this.waiting.delete(id);
        reject(new Error(`${this.file} cannot be asked: ${error.message}\n${this.output}`));
      });
    });
  }

  /** Closing the channel tells the child to end; one that does not is killed. */
  async stop(patienceMs = 15_000): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }
}
