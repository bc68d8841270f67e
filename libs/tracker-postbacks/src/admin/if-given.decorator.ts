import { ValidateIf } from 'class-validator';

/** For a field of a change that may be absent but, unlike `@IsOptional()`, not null. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
