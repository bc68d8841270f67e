import { randomUUID } from 'node:crypto';
import { TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { type TestApplication } from './application';

type CreateIntegration = Parameters<TrackerIntegrations['create']>[0];

/** One reply of the public route. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The JSON body, `{}` where there is none. */
  readonly body: Record<string, any>;
}

/** What a spec needs of a host: an integration, clicks of fresh chats, and a network that calls. */
export interface Crm {
  readonly integrationId: string;
  /** A click of a chat of its own. */
  newClick(): Promise<string>;
  /** Sends a postback as a network would. */
  send(query: string, init?: RequestInit & { readonly path?: string }): Promise<Reply>;
}

export async function createCrm(
  { app, url }: TestApplication,
  integration: Partial<CreateIntegration> = {},
): Promise<Crm> {
  const created = await app
    .get(TrackerIntegrations)
    .create({ name: 'Test', network: 'custom', ...integration });
  return {
    integrationId: created.id,
    newClick: async () => (await app.get(TrackerClicks).issue({ chatId: `chat-${randomUUID()}` })).clickId,
    send: (query, { path, ...init } = {}) =>
      request(
        `${url}${path ?? `/api/postbacks/${created.id}/tracker-postback`}${query === '' ? '' : `?${query}`}`,
        init,
      ),
  };
}

/** Any request over a real socket. */
export async function request(address: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(address, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
