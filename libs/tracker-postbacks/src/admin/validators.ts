import type * as classTransformerModule from 'class-transformer';
import type * as classValidatorModule from 'class-validator';

/**
 * The decorators of class-validator and class-transformer, applied when the first body is validated and not before: with
 * its tables of telephone numbers and locales the former is 3 MB of heap, which an idle host would hold for nothing.
 */
type ClassValidator = typeof classValidatorModule;

const waiting: ((validators: ClassValidator) => void)[] = [];

/** class-validator, with the rules of every DTO that was defined so far. */
export function classValidator(): ClassValidator {
  // A host's jest runs this build as CommonJS, where `import()` throws.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const validators = require('class-validator') as ClassValidator;
  for (const apply of waiting.splice(0)) apply(validators);
  return validators;
}

/** class-transformer, as the DTOs want it once {@link classValidator} has been called. */
export function classTransformer(): typeof classTransformerModule {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('class-transformer') as typeof classTransformerModule;
}

function later<Options extends readonly unknown[]>(
  of: (validators: ClassValidator) => (...options: Options) => PropertyDecorator,
): (...options: Options) => PropertyDecorator {
  return (...options) =>
    (target, property) => {
      waiting.push((validators) => {
        of(validators)(...options)(target, property);
      });
    };
}

export const IsArray = later((validators) => validators.IsArray);
export const IsBoolean = later((validators) => validators.IsBoolean);
export const IsIn = later((validators) => validators.IsIn);
export const IsInt = later((validators) => validators.IsInt);
export const IsNotEmpty = later((validators) => validators.IsNotEmpty);
export const IsObject = later((validators) => validators.IsObject);
export const IsOptional = later((validators) => validators.IsOptional);
export const IsString = later((validators) => validators.IsString);
export const IsUUID = later((validators) => validators.IsUUID);
export const Length = later((validators) => validators.Length);
export const Matches = later(
  (validators) =>
    (pattern: RegExp, options?: { readonly message: string }): PropertyDecorator =>
      validators.Matches(pattern, options),
);
export const Type = later(
  () =>
    (type: () => new (...values: never) => unknown): PropertyDecorator =>
      classTransformer().Type(type),
);
export const Max = later((validators) => validators.Max);
export const MaxLength = later((validators) => validators.MaxLength);
export const Min = later((validators) => validators.Min);
export const ValidateNested = later((validators) => validators.ValidateNested);

/** For a field of a change that may be absent but, unlike `@IsOptional()`, not null. */
export const IfGiven = later(
  (validators) => (): PropertyDecorator => validators.ValidateIf((_, value: unknown) => value !== undefined),
);
