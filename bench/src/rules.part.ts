import { type Figure, figureOf } from './figures';
import {
  EMPTY_RECIPE,
  fieldMacro,
  judge,
  maskedMacros,
  presetRequests,
  read,
  roleMacro,
  takeSecret,
} from './library.rules';
import { postbackTarget } from './postback.address';
import { median } from './statistics';

const PASSES = 7;
const PASS_MS = 150;
const PLAIN_VALUES = [
  '49.90',
  'USD',
  'txn-100200300',
  'DE',
  'Anna-Maria',
  'k00000012345',
  '203.0.113.7',
  '17',
];
const POLICY = {
  integrationId: '00000000-0000-4000-8000-000000000000',
  campaignId: null,
  status: 'active',
  deletedAt: null,
  allowedEvents: null,
  duplicateWindowSeconds: 30,
} as const;

/** What would keep a reader busy that looks at its input more often than once. */
const HARD_PATTERNS = [
  'clickid=?',
  '?clickid=',
  'tracker.event=a?',
  '&a=',
  'fields.a=',
  '{a}',
  '%7B',
  '\u00a4a',
  ' ',
  'a=%C8&',
  '&key=',
  '&amp;',
  '\\&',
  '{{',
  '[a ',
  '##',
];

/** Where results go, so that the compiler cannot leave the work out. */
let sink: unknown;

/** The pure rules by themselves, without HTTP and database. */
export function rulesPart(): readonly Figure[] {
  const words: ReadonlySet<string> = new Set(['amount', 'currency', 'event_id']);
  const role = { parameter: 'tracker.tid', knownWords: words, bareWords: new Set<string>() };
  const field = { key: 'country', knownWords: words, macroSyntax: '{x}' };
  const targets = Array.from({ length: 256 }, (_, n) =>
    postbackTarget(`/postbacks/${POLICY.integrationId}/tracker-postback`, n, 100_000),
  );
  const requests = targets.map((target) => ({ target, pathEvent: null, body: null }));
  const readings = requests.map((request) => read(request, EMPTY_RECIPE));
  const click = { clickId: 'k1', chatId: 'chat-1', campaignId: null, erased: false };

  const macro = microseconds((n) => {
    const value = PLAIN_VALUES[n % PLAIN_VALUES.length] ?? '';
    return n % 2 === 0 ? roleMacro(value, value, role) : fieldMacro(value, value, field);
  });
  const reading = microseconds((n) => {
    const request = requests[n % requests.length];
    return request === undefined ? null : read(request, EMPTY_RECIPE);
  });
  const presets = presetRequests();
  const readingPresets = microseconds((n) => {
    const given = presets[n % presets.length];
    return given === undefined
      ? null
      : read({ target: given.target, pathEvent: null, body: null }, given.recipe);
  });
  const judging = microseconds((n) => {
    const known = readings[n % readings.length];
    return known === undefined
      ? null
      : judge({ reading: known, admission: null, policy: POLICY, click, history: [], receivedAt: 0 });
  });
  return [
    figureOf('macro-check', macro * 1000),
    figureOf('read', reading),
    figureOf('read-presets', readingPresets),
    figureOf('read-growth', readGrowth()),
    figureOf('judge', judging),
  ];
}

function readGrowth(): number {
  const once = (long: string): number => {
    const begin = performance.now();
    sink = read({ target: `/p?${long}`, pathEvent: long, body: { type: 'form', text: long } }, EMPTY_RECIPE);
    const target = `/p?clickid=${long}&fields.a=${long}&tracker.cost=${long}`;
    sink = read({ target, pathEvent: null, body: null }, EMPTY_RECIPE);
    sink = [takeSecret(target, null), maskedMacros(long)];
    return performance.now() - begin;
  };
  const ratios = HARD_PATTERNS.map((pattern) => {
    const [short, long] = [16_000, 64_000].map((length) => pattern.repeat(length / pattern.length));
    const passes = Array.from({ length: PASSES }, () => [once(short ?? ''), once(long ?? '')] as const);
    return Math.min(...passes.map(([, time]) => time)) / Math.min(...passes.map(([time]) => time));
  });
  return Math.max(...ratios);
}

/** Median time of one call. */
function microseconds(call: (n: number) => unknown): number {
  const passes: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const begin = performance.now();
    let calls = 0;
    let elapsed = 0;
    while (elapsed < PASS_MS) {
      for (let n = 0; n < 500; n++) sink = call(calls + n);
      calls += 500;
      elapsed = performance.now() - begin;
    }
    // The first passes are compiled on the way.
    if (pass > 1) passes.push((elapsed * 1000) / calls);
  }
  return sink === undefined ? Number.NaN : median(passes);
}
