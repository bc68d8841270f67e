import { type LogHost } from './log.host';

const SAMPLE_MS = 100;
const MB = 1024 * 1024;

/** What one export took, with the resident memory of the process that serves it. */
export interface ExportFigures {
  readonly path: string;
  readonly rows: number;
  readonly megabytes: number;
  readonly seconds: number;
  readonly before: number;
  /** Highest of the first tenth and of the last: flat memory is the same in both. */
  readonly early: number;
  readonly late: number;
  readonly highest: number;
  readonly after: number;
}

/** Reads a whole export as fast as it comes and throws it away. */
export async function measureExport(host: LogHost, path: string): Promise<ExportFigures> {
  global.gc?.();
  const before = memory();
  const samples: number[] = [];
  const sampling = setInterval(() => samples.push(memory()), SAMPLE_MS);
  const start = performance.now();
  let bytes = 0;
  let lines = 0;
  try {
    const response = await fetch(`${host.url}${path}`);
    if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status}`);
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      for (const byte of chunk) if (byte === 10) lines += 1;
      host.taken();
    }
  } finally {
    clearInterval(sampling);
  }
  const seconds = (performance.now() - start) / 1000;
  global.gc?.();
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  return {
    path,
    rows: lines - 1,
    megabytes: bytes / MB,
    seconds,
    before,
    early: Math.max(...samples.slice(0, tenth)),
    late: Math.max(...samples.slice(-tenth)),
    highest: Math.max(...samples),
    after: memory(),
  };
}

function memory(): number {
  return process.memoryUsage.rss() / MB;
}
