import { Controller, Get, Module } from '@nestjs/common';

@Controller('ok')
export class BareController {
  @Get()
  ok(): string {
    return 'ok';
  }
}

/** The floor of the framework: a route that does nothing. */
@Module({ controllers: [BareController] })
export class BareModule {}
