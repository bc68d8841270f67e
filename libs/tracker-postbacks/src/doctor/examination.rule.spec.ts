import fc from 'fast-check';
import { BUILT_IN_PRESETS } from '../networks/presets';
import { customPreset } from '../networks/presets/custom.preset';
import { binomoPreset } from '../networks/presets/binomo.preset';
import { oneWinPreset } from '../networks/presets/1win.preset';
import { pocketOptionRevsharePreset } from '../networks/presets/pocket-option-revshare.preset';
import { ADDRESS, type CaseTarget, type DoctorCase, DOCTOR_CASES, ID, LINK_CASES } from './doctor.cases';
import { targetFrom } from './doctor-target.cases';
import { examine, type Examination } from './examination.rule';
import { aboutOf, URL_FINDINGS } from './finding-codes';
import { type LintTarget } from './lint-target';

const TARGETS: Readonly<Record<CaseTarget, LintTarget>> = {
  '1win': targetFrom(oneWinPreset, ID),
  '1win with a secret': targetFrom(oneWinPreset, ID, {}, 'open-sesame'),
  binomo: targetFrom(binomoPreset, ID),
  'pocket-option-revshare': targetFrom(pocketOptionRevsharePreset, ID),
  custom: targetFrom(customPreset, ID),
  brackets: targetFrom(customPreset, ID, { clickIdParameter: 'sub1', macroSyntax: '[x]' }),
};

type Examined = Exclude<Examination, { kind: 'invalid' }>;

function examined(text: string, target: LintTarget, as: 'template' | 'received' | null): Examined {
  const examination = examine(text, target, as);
  if (examination.kind === 'invalid') throw new Error(`"${text}" ${examination.reason}`);
  return examination;
}

function urlFindings({ findings }: Examined): string[] {
  return findings.map(({ code }) => code).filter((code) => aboutOf(code) === 'url');
}

function check({ pasted, into, as, findings, corrected }: DoctorCase): void {
  const target = TARGETS[into];
  const result = examined(pasted.replaceAll('~', ADDRESS), target, as ?? null);
  expect(urlFindings(result).sort()).toEqual([...findings].sort());
  expect(result.correctedUrl).toBe(corrected.replaceAll('~', ADDRESS));
  expect(urlFindings(examined(result.correctedUrl, target, null))).toEqual([]);
  expect(urlFindings(examined(result.correctedUrl, target, as ?? null))).toEqual([]);
  expect(examined(result.correctedUrl, target, null).correctedUrl).toBe(result.correctedUrl);
}

describe('what people paste', () => {
  test.each(DOCTOR_CASES.map((one) => [one.name, one] as const))('%s', (_, one) => {
    check(one);
  });

  test.each(LINK_CASES.map((one) => [one.name, one] as const))('registration link: %s', (_, one) => {
    check(one);
    expect(examined(one.pasted, TARGETS[one.into], null).kind).toBe('link');
  });

  test('every finding about a URL has a case', () => {
    const seen = new Set([...DOCTOR_CASES, ...LINK_CASES].flatMap(({ findings }) => findings));
    expect(URL_FINDINGS.filter((code) => !seen.has(code))).toEqual([]);
  });

  test.each([
    ['', 'is empty'],
    ['   ', 'is empty'],
    ['hello', 'is neither a URL nor a query'],
    ['ftp://crm.example.com/x?a=b', 'is not an http or https URL'],
    ['javascript:alert(1)', 'is not an http or https URL'],
    ['https://user:pass@crm.example.com/x', 'holds credentials'],
    ['https://?a=b', 'names no host'],
    ['https://crm.example.com/\u0000', 'holds control characters'],
    [`https://crm.example.com/?a=${'x'.repeat(16_384)}`, 'is longer than 16384 bytes'],
  ])('%j is refused: %s', (text, reason) => {
    expect(examine(text, TARGETS['1win'])).toEqual({ kind: 'invalid', reason });
  });
});

describe('the corrected URL', () => {
  const all = BUILT_IN_PRESETS.map((preset) => [preset.key, targetFrom(preset, ID)] as const);

  test.each(all)('ready URLs of %s are right as they are', (_, target) => {
    for (const url of target.readyUrls) {
      for (const as of [null, 'template'] as const) {
        const result = examined(url, target, as);
        expect({ url, findings: urlFindings(result) }).toEqual({ url, findings: [] });
        expect(result.correctedUrl).toBe(url);
        expect(result).toMatchObject({ kind: 'postback', as: 'template' });
      }
    }
  });

  const damage: readonly ((url: string) => string)[] = [
    (url) => url.replaceAll('&', '&amp;'),
    (url) => url.replaceAll('&', '\\&').replaceAll('_', '\\_'),
    (url) => url.replace('&', '?'),
    (url) => url.replaceAll(/[{}[\]]/g, ''),
    (url) => url.replaceAll('{', '[').replaceAll('}', ']'),
    (url) => url.replaceAll('{', '%7B').replaceAll('}', '%7D'),
    (url) => url.replace('tracker.', 'trackr.'),
    (url) => url.replace('tracker.event', 'event'),
    (url) => url.replace('clickid', 'click_id'),
    (url) => url.replace(/clickid=[^&]*/, 'clickid='),
    (url) => url.replace(/tracker\.event=[^&]*&/, ''),
    (url) => url.replace('tracker.currency', 'currency'),
    (url) => url.replace('&tracker.currency', '\u00a4cy'),
    (url) => url.replace('https:', 'http:'),
    (url) => `"${url}"`,
    (url) => ` ${url} `,
    (url) => encodeURIComponent(url),
    (url) => url.replace(/=([^&]*)$/, '='),
    (url) => url.slice(0, -3),
    (url) => `${url}&${url.slice(url.indexOf('?') + 1)}`,
    (url) => url.replace(/\d/, 'x'),
  ];

  test('has no findings, whatever damage a ready URL has taken', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...all.map(([, target]) => target)),
        fc.nat(9),
        fc.array(fc.constantFrom(...damage), { maxLength: 4 }),
        fc.constantFrom(null, 'template' as const, 'received' as const),
        (target, at, damages, as) => {
          const ready = target.readyUrls[at % target.readyUrls.length] ?? target.address;
          const pasted = damages.reduce((url, harm) => harm(url), ready);
          const result = examine(pasted, target, as);
          if (result.kind === 'invalid') return;
          expect(urlFindings(examined(result.correctedUrl, target, as))).toEqual([]);
          expect(urlFindings(examined(result.correctedUrl, target, null))).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ['thousands of parameters', `?${Array.from({ length: 2_200 }, (_, n) => `p${n}=`).join('&')}`],
    ['thousands of misspelt ones', `?${Array.from({ length: 1_500 }, (_, n) => `feld.${n}=`).join('&')}`],
    ['thousands of macros', `?${Array.from({ length: 1_500 }, (_, n) => `f${n}=[x]`).join('&')}`],
    ['opening braces only', `?clickid=${'{'.repeat(16_000)}`],
    ['opening brackets with words', `?clickid=${'[a '.repeat(5_000)}`],
    ['question marks', `?clickid=${'?a='.repeat(5_000)}`],
    ['percent signs', `?clickid=${'%25'.repeat(5_000)}`],
    ['backslashes', `?clickid=${'\\'.repeat(8_000)}`],
    ['entities', `?clickid=${'&amp;'.repeat(3_000)}`],
    ['blanks', `?clickid=a${' '.repeat(16_000)}b`],
    ['line breaks', `?clickid=a${' \n'.repeat(8_000)}b`],
  ])('is found for %s', (_, text) => {
    expect(examine(text, TARGETS['1win']).kind).toBe('postback');
  });

  test('is found for any text at all, without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.boolean(), (text, isQuery) => {
        const result = examine(isQuery ? `${ADDRESS}?${text}` : text, TARGETS['1win']);
        if (result.kind === 'invalid') return;
        expect(urlFindings(examined(result.correctedUrl, TARGETS['1win'], null))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
