import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
} from '@nestjs/common';
import { type Locale } from '../rules/messages';
import { DEFAULT_TENANT } from '../tracker-postbacks.constants';
import { type TrackerPostbacksOptions, type TrackerScope } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';

/** What one admin request may see, and in which language it is answered. */
export interface AdminScope extends Required<Pick<TrackerScope, 'tenantId'>> {
  readonly actor?: string;
  readonly locale: Locale;
}

const scopes = new WeakMap<object, AdminScope>();

/** Asks the host's resolvers once per request; runs after the host's guards, which may have set the user. */
@Injectable()
export class AdminScopeGuard implements CanActivate {
  constructor(@Inject(TRACKER_OPTIONS) private readonly options: TrackerPostbacksOptions) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    const tenantId = (await this.options.tenant?.(request)) ?? DEFAULT_TENANT;
    const actor = this.options.actor?.(request);
    scopes.set(request, {
      tenantId,
      ...(actor === undefined ? {} : { actor }),
      locale: localeOf(request.headers['accept-language']),
    });
    return true;
  }
}

/** English unless the first language that the header names and we have is Russian. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  const known = (acceptLanguage ?? '')
    .split(',')
    .map((part, index) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const quality = parameters.map((p) => /^\s*q=([\d.]+)/.exec(p)?.[1]).find((q) => q !== undefined);
      return { language: tag.slice(0, 2).toLowerCase(), quality: Number(quality ?? 1), index };
    })
    .filter(({ language, quality }) => (language === 'ru' || language === 'en') && quality > 0)
    .sort((a, b) => b.quality - a.quality || a.index - b.index)[0];
  return known?.language === 'ru' ? 'ru' : 'en';
}

/** The scope of the current admin request. */
export const Scope = createParamDecorator((_: unknown, context: ExecutionContext): AdminScope => {
  const scope = scopes.get(context.switchToHttp().getRequest<object>());
  if (scope === undefined) {
    throw new Error('AdminScopeGuard is missing: mount admin controllers with adminController().');
  }
  return scope;
});
