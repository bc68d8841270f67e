import { type IncomingMessage, type Server } from 'node:http';
import { type INestApplication } from '@nestjs/common';
import { numberOf } from '../load/traffic';

/** Which requests the server handed to the application, whatever became of them. */
export class RequestWitness {
  private readonly numbers: number[] = [];

  watch(app: INestApplication): void {
    (app.getHttpServer() as Server).prependListener('request', ({ url }: IncomingMessage) => {
      const n = numberOf(url ?? '');
      if (n !== null) this.numbers.push(n);
    });
  }

  seen(): readonly number[] {
    return this.numbers;
  }
}
