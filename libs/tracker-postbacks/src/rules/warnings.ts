import { type MessageArguments, type Warning, type WarningCode } from './codes';

/** More warnings of one code say nothing new, and a hostile request could bring thousands. */
const MAX_PER_CODE = 20;

/** Warnings of one postback, each once, at most 20 of a code. */
export class WarningList {
  private readonly warnings: Warning[] = [];

  add(code: WarningCode, parameter: string | null, args?: MessageArguments): void {
    const sameCode = this.warnings.filter((warning) => warning.code === code);
    if (sameCode.length >= MAX_PER_CODE) return;
    const isKnown = sameCode.some(
      (warning) => warning.parameter === parameter && warning.args?.['value'] === args?.['value'],
    );
    if (isKnown) return;
    this.warnings.push(args === undefined ? { code, parameter } : { code, parameter, args });
  }

  addAll(warnings: readonly Warning[]): void {
    for (const { code, parameter, args } of warnings) this.add(code, parameter, args);
  }

  all(): readonly Warning[] {
    return this.warnings;
  }
}
