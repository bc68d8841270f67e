/** A figure of the bench and what it has to reach. */
interface Goal {
  readonly title: string;
  readonly unit: '×' | 'ms' | 'MB' | 'ns' | 'µs';
  readonly better: 'more' | 'less';
  readonly floor?: number;
  readonly target?: number;
  readonly moonshot?: number;
  /** Below this the run fails: it is required already. */
  readonly required?: number;
}

const GOALS = {
  'ours-naive-fastify': {
    title: 'ours / naive, Fastify',
    unit: '×',
    better: 'more',
    floor: 8,
    target: 15,
    moonshot: 25,
    required: 5,
  },
  'ours-bare-fastify': {
    title: 'ours / bare `ok`, Fastify',
    unit: '×',
    better: 'more',
    floor: 0.12,
    target: 0.2,
    moonshot: 0.35,
  },
  'p99-fastify': {
    title: 'p99 of ours / of naive at 64, Fastify',
    unit: '×',
    better: 'less',
    floor: 0.3,
    target: 0.15,
    moonshot: 0.1,
  },
  'single-fastify': {
    title: 'ours / naive one at a time, Fastify',
    unit: '×',
    better: 'more',
    floor: 2,
    target: 4,
    moonshot: 8,
  },
  'ours-naive-express': {
    title: 'ours / naive, Express',
    unit: '×',
    better: 'more',
    floor: 5,
    target: 10,
    moonshot: 15,
  },
  'ours-bare-express': {
    title: 'ours / bare `ok`, Express',
    unit: '×',
    better: 'more',
    floor: 0.5,
    target: 0.75,
    moonshot: 0.9,
  },
  'p99-express': {
    title: 'p99 of ours / of naive at 64, Express',
    unit: '×',
    better: 'less',
    floor: 0.3,
    target: 0.15,
    moonshot: 0.1,
  },
  'single-express': {
    title: 'ours / naive one at a time, Express',
    unit: '×',
    better: 'more',
    floor: 2,
    target: 4,
    moonshot: 8,
  },
  'mysql-naive': {
    title: 'ours / naive, MySQL or MariaDB, Fastify',
    unit: '×',
    better: 'more',
    floor: 5,
    target: 10,
    moonshot: 20,
  },
  'mysql-cpu': {
    title: "server's processor time a request, naive / ours, MySQL or MariaDB",
    unit: '×',
    better: 'more',
  },
  'mysql-p99': {
    title: 'p99 of ours / of naive at 64, MySQL or MariaDB',
    unit: '×',
    better: 'less',
    floor: 0.3,
    target: 0.15,
    moonshot: 0.1,
  },
  'mysql-single': {
    title: 'ours / naive one at a time, MySQL or MariaDB',
    unit: '×',
    better: 'more',
  },
  'sqlite-naive': {
    title: 'ours / naive, SQLite, Fastify',
    unit: '×',
    better: 'more',
    floor: 5,
    target: 9,
    moonshot: 20,
  },
  'sqlite-cpu': {
    title: "server's processor time a request, naive / ours, SQLite",
    unit: '×',
    better: 'more',
  },
  'sqlite-p99': {
    title: 'p99 of ours / of naive at 64, SQLite',
    unit: '×',
    better: 'less',
    floor: 0.3,
    target: 0.15,
    moonshot: 0.1,
  },
  'sqlite-single': { title: 'ours / naive one at a time, SQLite', unit: '×', better: 'more' },
  'handled-ours': { title: "ours with a handler of '*' / without", unit: '×', better: 'more' },
  'handled-naive': { title: "ours with a handler of '*' / naive", unit: '×', better: 'more' },
  'event-latency': {
    title: 'commit to handler, p99 at 500/s',
    unit: 'ms',
    better: 'less',
    floor: 250,
    target: 50,
    moonshot: 15,
  },
  memory: {
    title: 'memory the module adds, idle',
    unit: 'MB',
    better: 'less',
    floor: 30,
    target: 15,
    moonshot: 8,
    required: 30,
  },
  'memory-fresh': {
    title: 'the same right after the start',
    unit: 'MB',
    better: 'less',
  },
  'memory-live': { title: "of it V8's heap in use", unit: 'MB', better: 'less' },
  'macro-check': { title: 'macro check of a plain value', unit: 'ns', better: 'less', required: 1000 },
  read: { title: 'reading a typical postback', unit: 'µs', better: 'less' },
  'read-presets': {
    title: 'reading one, mean over every preset URL',
    unit: 'µs',
    better: 'less',
    required: 50,
  },
  'read-growth': {
    title: 'reading 64 KB / 16 KB of the worst of sixteen patterns',
    unit: '×',
    better: 'less',
    // Linear is 4, quadratic 16.
    required: 10,
  },
  judge: { title: 'judging it', unit: 'µs', better: 'less' },
} as const satisfies Record<string, Goal>;

export type FigureName = keyof typeof GOALS;

export interface Figure {
  readonly name: FigureName;
  readonly value: number;
}

export function figureOf(name: FigureName, value: number): Figure {
  return { name, value };
}

export function goalOf({ name }: Figure): Goal {
  return GOALS[name];
}

/** Whether a run must fail for this figure; one that could not be measured fails too. */
export function isMissed(figure: Figure): boolean {
  const { required, better } = goalOf(figure);
  if (required === undefined) return false;
  return !(better === 'more' ? figure.value >= required : figure.value <= required);
}

/** The highest of floor, target and moonshot that the figure reaches. */
export function reached(figure: Figure): string {
  const { better, floor, target, moonshot } = goalOf(figure);
  if (floor === undefined) return '';
  const reaches = (goal: number | undefined): boolean =>
    goal !== undefined && (better === 'more' ? figure.value >= goal : figure.value <= goal);
  if (reaches(moonshot)) return 'moonshot';
  if (reaches(target)) return 'target';
  return reaches(floor) ? 'floor' : 'below the floor';
}
