import { Delete, HttpCode, Inject } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { HostId } from '../admin/host-id.decorator';
import { AdminController } from '../admin/admin.controller';
import { Scope } from '../admin/scope';
import { type TrackerScope } from '../tracker-postbacks.options';
import { TrackerErasure } from './erasure.service';

const WHAT =
  'Requests, addresses, transaction ids, fields, event payloads and errors of handlers. Conversions keep event, money ' +
  'and time and still count once. What waited for a handler is not delivered any more.';

/** @internal */
@AdminController('clicks/:clickId/data', 'Erasure')
export class TrackerClickErasureController {
  constructor(@Inject(TrackerErasure) private readonly erasure: TrackerErasure) {}

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'eraseClick',
    summary: 'Erase everything personal that is known of a click',
    description: `${WHAT} The id stays known: late postbacks are \`ignored/click_erased\`. May be repeated.`,
  })
  @ApiParam({
    name: 'clickId',
    type: String,
    example: 'k3JdQ9xT0aZb',
    description:
      'The click id, percent-encoded; also one that was never registered and that postbacks named.',
  })
  @ApiNoContentResponse({ description: 'Nothing personal is left.' })
  eraseClick(@HostId('clickId') clickId: string, @Scope() scope: TrackerScope): Promise<void> {
    return this.erasure.eraseClick(clickId, scope);
  }
}

/** @internal */
@AdminController('chats/:chatId/data', 'Erasure')
export class TrackerChatErasureController {
  constructor(@Inject(TrackerErasure) private readonly erasure: TrackerErasure) {}

  @Delete()
  @HttpCode(204)
  @ApiOperation({
    operationId: 'eraseChat',
    summary: 'Erase everything personal that is known of a chat',
    description: `Of all its clicks. ${WHAT} May be repeated.`,
  })
  @ApiParam({
    name: 'chatId',
    type: String,
    example: 'chat-4711',
    description: "The host's chat, percent-encoded.",
  })
  @ApiNoContentResponse({ description: 'Nothing personal is left.' })
  eraseChat(@HostId('chatId') chatId: string, @Scope() scope: TrackerScope): Promise<void> {
    return this.erasure.eraseChat(chatId, scope);
  }
}
