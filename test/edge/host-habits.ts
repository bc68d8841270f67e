import { type Readable } from 'node:stream';
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Headers,
  type INestApplication,
  Injectable,
  type NestInterceptor,
  Post,
  Req,
  ValidationPipe,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import { type HostSettings } from './host';

const PUBLIC = 'host:public';
export const TOKEN = { Authorization: 'Bearer host' };

/** A route of the host's own, which a postback library has no business with. */
@Controller({ version: VERSION_NEUTRAL })
export class HostController {
  @Post(['upload', 'docs/tracker-postback-guide', 'postbacks/:id/notes'])
  upload(
    @Headers('content-type') type: string,
    @Req() request: { originalUrl?: string; url: string },
  ): object {
    return { type, url: request.originalUrl ?? request.url };
  }
}

@Injectable()
class WrapEverything implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ ok: true, data })));
  }
}

@Catch()
@Injectable()
class CatchEverything implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(_: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<unknown>();
    this.host.httpAdapter.reply(response, { oops: 'the host caught it' }, 418);
  }
}

@Injectable()
class TokenUnlessPublic implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (Reflect.getMetadata(PUBLIC, context.getClass()) === true) return true;
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['authorization'] === TOKEN.Authorization;
  }
}

export class DenyEverybody implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

/** As `@fastify/multipart` does. */
export function takeUploads(app: INestApplication): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addContentTypeParser(
      'multipart/form-data',
      (_: unknown, payload: Readable, done: (error: null, body: object) => void) => {
        payload.resume();
        done(null, {});
      },
    );
}

export const strictPipe = (): ValidationPipe =>
  new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });
export const STRICT_PIPE = { provide: APP_PIPE, useFactory: strictPipe };
export const WRAPPING = { provide: APP_INTERCEPTOR, useClass: WrapEverything };
export const CATCHING = { provide: APP_FILTER, useClass: CatchEverything };
export const TOKEN_UNLESS_PUBLIC = { provide: APP_GUARD, useClass: TokenUnlessPublic };
/** The guard, and the decorator that lifts it from the public route. */
export const PROTECTED: HostSettings = {
  extras: { publicDecorators: [marked(PUBLIC)] },
  providers: [TOKEN_UNLESS_PUBLIC],
};

/** Marks a controller's class, as hosts' `@Public()` does. */
function marked(key: string): ClassDecorator {
  return (target) => {
    Reflect.defineMetadata(key, true, target);
  };
}
