import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { SAMPLE_CONFIG, type SampleConfig } from '../sample.config';
import { IS_PUBLIC } from './public.decorator';

/** The whole application wants `Authorization: Bearer <ADMIN_TOKEN>`, except what is marked `@Public()`. */
@Injectable()
export class AdminTokenGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(
    @Inject(SAMPLE_CONFIG) config: SampleConfig,
    private readonly reflector: Reflector,
  ) {
    this.expected = digest(config.adminToken);
  }

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()])) {
      return true;
    }
    const { headers } = context.switchToHttp().getRequest<{ headers: { authorization?: string } }>();
    const [, token] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
    if (token !== undefined && timingSafeEqual(digest(token), this.expected)) return true;
    throw new UnauthorizedException('Send the header "Authorization: Bearer <ADMIN_TOKEN>".');
  }
}

/** Of equal length whatever was sent, so that comparing takes equal time. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
