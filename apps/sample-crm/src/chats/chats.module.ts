import { Module } from '@nestjs/common';
import { CustomFieldsModule } from '../custom-fields/custom-fields.module';
import { ChatTrackerHandler } from './chat-tracker.handler';
import { ChatsController } from './chats.controller';
import { ChatsService } from './chats.service';
import { UnmatchedListener } from './unmatched.listener';

@Module({
  imports: [CustomFieldsModule],
  controllers: [ChatsController],
  providers: [ChatsService, ChatTrackerHandler, UnmatchedListener],
  exports: [ChatsService],
})
export class ChatsModule {}
