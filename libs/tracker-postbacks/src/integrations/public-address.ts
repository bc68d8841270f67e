import { Inject, Injectable, RequestMethod } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { PUBLIC_PATH } from '../tracker-postbacks.constants';
import { TrackerSetupError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';

/** The last path segment of the public route. */
export const PUBLIC_ROUTE = 'tracker-postback';
/** As Nest compares it with the prefix's `exclude`: the pattern, parameters unfilled. */
const PUBLIC_PATTERN = `/${PUBLIC_PATH}/:integrationId/${PUBLIC_ROUTE}`;

/** Where networks reach the postback route, from outside. */
@Injectable()
export class PublicAddress {
  private readonly origin: string;

  constructor(
    @Inject(TRACKER_OPTIONS) options: TrackerPostbacksOptions,
    @Inject(ApplicationConfig) private readonly application: ApplicationConfig,
  ) {
    this.origin = checkedPublicUrl(options.publicUrl);
  }

  /**
   * The public URL with the global prefix where it applies, without a trailing slash: `https://crm.example.com/api`.
   * Asked for late: hosts set their prefix after the module graph is built.
   */
  base(): string {
    const prefix = this.isExcluded() ? '' : trimSlashes(this.application.getGlobalPrefix());
    return prefix === '' ? this.origin : `${this.origin}/${prefix}`;
  }

  /** An integration's URL without query or event: `https://crm.example.com/api/postbacks/<id>/tracker-postback`. */
  ofIntegration(id: string): string {
    return `${this.base()}/${PUBLIC_PATH}/${id}/${PUBLIC_ROUTE}`;
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
