import { type ChatView } from '../chats/chat.dto';
import { DEMO_INTEGRATION } from './demo.names';

/** What the postback route replies. */
export interface Reply {
  readonly http: number;
  readonly status: string;
  readonly code: string;
  readonly message: string;
}

/** The running sample, as any program outside sees it. */
export class DemoClient {
  constructor(
    private readonly baseUrl: string,
    private readonly adminToken: string,
  ) {}

  async demoIntegrationId(): Promise<string> {
    const { items } = await this.api<{ items: { id: string; name: string }[] }>(
      'GET',
      '/tracker/integrations?limit=200',
    );
    const integration = items.find(({ name }) => name === DEMO_INTEGRATION);
    if (integration === undefined) throw new Error(`There is no integration "${DEMO_INTEGRATION}".`);
    return integration.id;
  }

  async newChat(name: string): Promise<string> {
    return (await this.api<{ id: string }>('POST', '/chats', { name })).id;
  }

  async newClick(chatId: string): Promise<string> {
    return (await this.api<{ clickId: string }>('POST', '/tracker/clicks', { chatId, fresh: true })).clickId;
  }

  chat(id: string): Promise<ChatView> {
    return this.api<ChatView>('GET', `/chats/${id}`);
  }

  /** As the network's server would: no token, only the URL. */
  async fire(integrationId: string, query: string): Promise<Reply> {
    const response = await fetch(`${this.baseUrl}/api/postbacks/${integrationId}/tracker-postback?${query}`);
    const reply = (await response.json()) as Omit<Reply, 'http'>;
    return { ...reply, http: response.status };
  }

  private async api<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.baseUrl}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      throw new Error(`${method} /api${path} answered ${response.status}: ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}
