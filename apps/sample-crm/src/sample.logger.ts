import { ConsoleLogger, Injectable } from '@nestjs/common';

const NOISE: readonly unknown[] = ['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer'];

/** Nest's logger without its hundred lines about modules and routes. */
@Injectable()
export class SampleLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    if (!NOISE.includes(rest.at(-1))) super.log(message, ...rest);
  }
}
