import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/**
 * The query of a list as it was sent: one value is a string, repeated ones are an array. Express and Fastify parse
 * queries differently, and the list's service refuses what it does not know, for callers in code too.
 */
export const ListQuery = createParamDecorator(
  (_: unknown, context: ExecutionContext): Readonly<Record<string, string | string[]>> => {
    const { originalUrl, url } = context.switchToHttp().getRequest<{ originalUrl?: string; url: string }>();
    const target = originalUrl ?? url;
    const start = target.indexOf('?');
    const values = new Map<string, string | string[]>();
    for (const [name, value] of new URLSearchParams(start < 0 ? '' : target.slice(start + 1))) {
      const earlier = values.get(name);
      if (earlier === undefined) values.set(name, value);
      else if (typeof earlier === 'string') values.set(name, [earlier, value]);
      else earlier.push(value);
    }
    return Object.fromEntries(values);
  },
);
