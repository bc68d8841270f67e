import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module';
import { DemoService } from './demo.service';

@Module({ imports: [ChatsModule], providers: [DemoService] })
export class DemoModule {}
