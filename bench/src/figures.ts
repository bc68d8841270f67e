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
  'macro-check': { title: 'macro check of a plain value', unit: 'ns', better: 'less', required: 1000 },
  read: { title: 'reading a typical postback', unit: 'µs', better: 'less' },
  'read-presets': {
    title: 'reading one, mean over every preset URL',
    unit: 'µs',
    better: 'less',
    required: 50,
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
