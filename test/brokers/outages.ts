import { type TcpProxy } from '../edge/tcp-proxy';
import { breakOften } from './broken-cable';
import { type BrokerHost, type Inbox } from './broker-host';

/** A broker with a consumer that hears it whatever happens to the proxy, and no host yet. */
export interface Consumed {
  /** Between the host and the broker. */
  readonly proxy: TcpProxy;
  readonly inbox: Inbox;
  readonly startHost: () => Promise<BrokerHost>;
}

/** What the hand-over owes on every broker that confirms. */
export function itSurvivesOutages(consumed: () => Promise<Consumed>): void {
  it('is retried while the server is away, and keeps the order of each click', async () => {
    const { proxy, inbox, startHost } = await consumed();
    const host = await startHost();
    const before = await host.deposit(4, 2);
    await inbox.until(before);
    proxy.cut();
    const during = await host.deposit(10, 2);
    expect(inbox.messages).toHaveLength(4);
    proxy.restore();
    await inbox.until(during);
    inbox.expectAll(during);
  });

  it('is retried when the server is away from the start', async () => {
    const { proxy, inbox, startHost } = await consumed();
    proxy.cut();
    const host = await startHost();
    const sent = await host.deposit(5);
    expect(inbox.messages).toHaveLength(0);
    proxy.restore();
    await inbox.until(sent);
    inbox.expectAll(sent);
  });

  it('loses nothing when the connection breaks again and again during the hand-over', async () => {
    const { proxy, inbox, startHost } = await consumed();
    const host = await startHost();
    const sending = host.deposit(200, 20);
    await breakOften(proxy, 15);
    const sent = await sending;
    await inbox.until(sent);
    inbox.expectAll(sent);
  }, 90_000);
}
