import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { TrackerClicks, TrackerIntegrations } from 'nestjs-tracker-postbacks';
import { DataSource } from 'typeorm';
import { ChatsService } from '../chats/chats.service';
import { DEMO_INTEGRATION } from './demo.names';

const TRIAL_CHAT = 'A lead to try with';

/** What a newcomer can try at once. */
export interface Trial {
  readonly integrationId: string;
  readonly postbacks: readonly { readonly name: string; readonly url: string }[];
  readonly chatId: string;
  readonly clickId: string;
}

@Injectable()
export class DemoService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly integrations: TrackerIntegrations,
    private readonly clicks: TrackerClicks,
    private readonly chats: ChatsService,
  ) {}

  /** The demo integration, made at the first start, and a chat that nothing has happened in yet. */
  async prepare(): Promise<Trial> {
    return await this.dataSource.transaction(async (manager) => {
      // Two instances that start at once take turns.
      await manager.query(`SELECT pg_advisory_xact_lock(hashtext('sample-crm demo'))`);
      const integration = await this.demoIntegration();
      const chatId = await this.trialChat();
      const { clickId } = await this.clicks.issue({ chatId });
      return { integrationId: integration.id, postbacks: integration.postbacks, chatId, clickId };
    });
  }

  private async demoIntegration(): Promise<Awaited<ReturnType<TrackerIntegrations['create']>>> {
    const all = await this.integrations.list();
    const known = all.items.find(({ name }) => name === DEMO_INTEGRATION);
    return known ?? (await this.integrations.create({ name: DEMO_INTEGRATION, network: '1win' }));
  }

  private async trialChat(): Promise<string> {
    const last = await this.chats.findByName(TRIAL_CHAT);
    if (last !== null && (await this.chats.get(last.id)).history.length === 0) return last.id;
    return (await this.chats.create(TRIAL_CHAT)).id;
  }
}
