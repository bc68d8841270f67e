import { createParamDecorator, type ExecutionContext } from '@nestjs/common';

/** As the adapter decoded it, past the host's global pipes: any character may stand in an id of the host's. */
export const HostId = createParamDecorator(
  (name: string, context: ExecutionContext): string =>
    context.switchToHttp().getRequest<{ params: Record<string, string> }>().params[name] ?? '',
);
