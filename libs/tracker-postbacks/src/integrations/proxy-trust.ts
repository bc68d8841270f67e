import { Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TrackerError } from '../tracker-postbacks.errors';

/** As much of Express' application and Fastify's instance as says whom they believe about a sender's address. */
interface AdapterInstance {
  get?: unknown;
  readonly [option: symbol]: unknown;
}

/** Whether the host believes every proxy: then each sender chooses the address he is known by. */
@Injectable()
export class ProxyTrust {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** @throws TrackerError `allow_list_spoofable` where an allow-list would hold nobody off */
  assertAddressesKnown(): void {
    if (!this.trustsEveryone()) return;
    throw new TrackerError(
      'allow_list_spoofable',
      400,
      'An address allow-list cannot be set while the application trusts every proxy ("trust proxy" is true): any sender ' +
        'may then claim any address. Name your proxies instead, for example "loopback" or their addresses.',
      [{ field: 'allowedAddresses', message: 'set "trust proxy" to the addresses of your proxies first' }],
    );
  }

  private trustsEveryone(): boolean {
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    // An application context has none.
    if (adapter == null) return false;
    const instance = adapter.getInstance<AdapterInstance>();
    if (adapter.getType() === 'express') {
      return (instance as { get(setting: string): unknown }).get('trust proxy') === true;
    }
    // Fastify keeps its options under a symbol and shows them nowhere else.
    const options = Object.getOwnPropertySymbols(instance).find(
      ({ description }) => description === 'fastify.options',
    );
    return options !== undefined && (instance[options] as { trustProxy?: unknown }).trustProxy === true;
  }
}
