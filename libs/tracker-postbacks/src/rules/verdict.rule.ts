import { judgeConversion } from './conversion.rule';
import { problemsOf } from './problems.rule';
import { judgeReversal } from './reversal.rule';
import { type JudgeInput, type Refusal, type Verdict } from './verdict';

/**
 * Decides one postback. The tests run in a fixed order; the first that fails gives the code and the later ones become
 * warnings: secret and address, size, the integration's state, event, click id, campaign, reversal, duplicate.
 */
export function judge(input: JudgeInput): Verdict {
  const { reading, admission } = input;
  if (admission !== null) {
    return { status: 'quarantined', code: admission, parameter: null, warnings: reading.warnings };
  }
  const [first, ...rest] = problemsOf(input);
  if (first === undefined) {
    return reading.event.kind === 'reversal'
      ? judgeReversal(input, reading.warnings)
      : judgeConversion(input, reading.warnings);
  }
  const others = rest.map(({ code, parameter, args }) => ({
    code,
    parameter,
    ...(args === undefined ? {} : { args }),
  }));
  return { ...first, warnings: [...reading.warnings, ...others] } as Refusal;
}
