import { createParamDecorator, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import { type ValidationError } from 'class-validator';
import { TrackerError, type TrackerErrorDetail } from '../tracker-postbacks.errors';
import { classTransformer, classValidator } from './validators';

/**
 * Body and query of the admin routes go through our own validation: the host's global ValidationPipe may strip or
 * refuse by other rules, and Express and Fastify parse queries differently. It skips custom parameter decorators.
 */
export function Body(dto: Type): ParameterDecorator {
  return rawBody(new DtoPipe(dto));
}

/** As {@link Body}, for the query: one value is a string, repeated ones are an array. */
export function Query(dto: Type): ParameterDecorator {
  return rawQuery(new DtoPipe(dto));
}

/** A path parameter that names one of our rows: anything but a UUID is as unknown as an unknown UUID. */
export function RowId(name = 'id'): ParameterDecorator {
  return rawParam(name);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Lower-cased UUID, or null when it is none. */
export function uuidOrNull(text: string): string | null {
  return UUID.test(text) ? text.toLowerCase() : null;
}

const rawBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  // Here, and not only in our pipe: a host's pipe that validates custom decorators comes first.
  classValidator();
  return context.switchToHttp().getRequest<{ body?: unknown }>().body ?? {};
});

const rawQuery = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  classValidator();
  const { originalUrl, url } = context.switchToHttp().getRequest<{ originalUrl?: string; url: string }>();
  const target = originalUrl ?? url;
  const start = target.indexOf('?');
  const query = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(start < 0 ? '' : target.slice(start + 1))) {
    const earlier = query.get(name);
    query.set(
      name,
      earlier === undefined ? value : [...(Array.isArray(earlier) ? earlier : [earlier]), value],
    );
  }
  return Object.fromEntries(query);
});

const rawParam = createParamDecorator((name: string, context: ExecutionContext): string => {
  const value = context.switchToHttp().getRequest<{ params: Record<string, string> }>().params[name] ?? '';
  const id = uuidOrNull(value);
  if (id === null)
    throw new TrackerError('not_found', 404, `There is nothing with the id "${value.slice(0, 64)}" here.`);
  return id;
});

class DtoPipe implements PipeTransform<unknown, object> {
  constructor(private readonly dto: Type) {}

  transform(value: unknown): object {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new TrackerError('validation_failed', 400, 'The body has to be a JSON object.', [
        { field: '', message: 'Send a JSON object with content-type application/json.' },
      ]);
    }
    // First: it applies what the DTOs say to class-transformer as well.
    const validators = classValidator();
    const instance = this.instanceOf(value);
    const errors = validators.validateSync(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
    });
    if (errors.length > 0) {
      const details = errors.flatMap((error) => detailsOf(error, ''));
      throw new TrackerError(
        'validation_failed',
        400,
        `Not accepted: ${details.map(({ message }) => message).join('; ')}.`,
        details,
      );
    }
    return instance;
  }

  /** class-transformer throws on keys such as `constructor` and on values nested too deeply to follow. */
  private instanceOf(value: object): object {
    try {
      return classTransformer().plainToInstance(this.dto, value, { exposeDefaultValues: true }) as object;
    } catch {
      throw new TrackerError('validation_failed', 400, 'The body holds a value that cannot be read.', [
        { field: '', message: 'Send plain values: no key called "constructor", nothing nested deeply.' },
      ]);
    }
  }
}

function detailsOf(error: ValidationError, path: string): TrackerErrorDetail[] {
  const field = path === '' ? error.property : `${path}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ field, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => detailsOf(child, field))];
}
