import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { PUBLIC_PATH } from '../tracker-postbacks.constants';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';

/** The last path segment of the public route. */
export const PUBLIC_ROUTE = 'tracker-postback';
/** As Nest compares it with the prefix's `exclude`: the pattern, parameters unfilled. */
const PUBLIC_PATTERN = `/${PUBLIC_PATH}/:integrationId/${PUBLIC_ROUTE}`;

/** Where RouterModule writes a module's path; Nest does not export the name. */
const MODULE_PATH = '__module_path__';

/** Where networks reach the postback route, from outside. */
@Injectable()
export class PublicAddress {
  private readonly origin: string;

  constructor(
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {
    this.origin = checkedPublicUrl(options.publicUrl);
  }

  /** The public URL of {@link path}, without a trailing slash: `https://crm.example.com/api`. */
  base(): string {
    const path = this.path();
    return path === '' ? this.origin : `${this.origin}/${path}`;
  }

  /**
   * What stands before `postbacks/…` in this application, without slashes around it: the global prefix where it
   * applies, and the path that a RouterModule mounts the module under. Asked for late: hosts set their prefix after
   * the module graph is built.
   */
  path(): string {
    const prefix = this.isExcluded() ? '' : this.application.getGlobalPrefix();
    return [trimSlashes(prefix), trimSlashes(this.mountPath())].filter((part) => part !== '').join('/');
  }

  /** An integration's URL without query or event: `https://crm.example.com/api/postbacks/<id>/tracker-postback`. */
  ofIntegration(id: string): string {
    return `${this.base()}/${PUBLIC_PATH}/${id}/${PUBLIC_ROUTE}`;
  }

  private mountPath(): string {
    for (const { providers, metatype } of this.modules.values()) {
      if (!providers.has(PublicAddress)) continue;
      const mounted: unknown =
        Reflect.getMetadata(MODULE_PATH + this.modules.applicationId, metatype) ??
        Reflect.getMetadata(MODULE_PATH, metatype);
      if (typeof mounted === 'string') return mounted;
    }
    return '';
  }

  private isExcluded(): boolean {
    const { exclude = [] } = this.application.getGlobalPrefixOptions();
    return exclude.some(
      ({ requestMethod, pathRegex }) =>
        [RequestMethod.ALL, RequestMethod.GET, -1].includes(requestMethod) && pathRegex.test(PUBLIC_PATTERN),
    );
  }
}

/**
 * `publicUrl` as other URLs are made from it, without a trailing slash.
 *
 * @throws {TrackerSetupError} `public_url_invalid`
 */
export function checkedPublicUrl(publicUrl: unknown): string {
  const fail = (problem: string): never => {
    throw new TrackerSetupError(
      'public_url_invalid',
      `The option publicUrl ${problem}. Set it to the address at which networks reach this application, without the ` +
        'global prefix: publicUrl: "https://crm.example.com".',
    );
  };
  if (typeof publicUrl !== 'string' || publicUrl.trim() === '') return fail('is missing');
  if (!URL.canParse(publicUrl)) return fail('is no absolute URL');
  const url = new URL(publicUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return fail('has to begin with https:// or http://');
  if (url.username !== '' || url.password !== '') return fail('must not hold credentials');
  if (/[?#]/.test(publicUrl)) return fail('must hold neither a query nor a fragment');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
