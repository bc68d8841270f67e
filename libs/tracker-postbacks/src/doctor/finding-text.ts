/** What was found and why it matters, and what to do. */
export interface FindingText {
  readonly message: string;
  readonly fix: string;
}

export type FindingTexts = Readonly<Record<'en' | 'ru', FindingText>>;

/**
 * A text of a table of findings. `{parameter}` is the parameter at fault; `{value}` what stands there; `{suggestion}` what
 * belongs there; `{name}` and `{syntax}` as the finding says.
 */
export function text(message: string, fix: string): FindingText {
  return { message, fix };
}
