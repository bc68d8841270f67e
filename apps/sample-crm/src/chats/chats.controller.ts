import { Body, Controller, Get, HttpStatus, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  ApiUnauthorizedResponse,
} from '@nestjs/swagger';
import { ErrorDto } from '../error.dto';
import { ChatCreatedDto, ChatDto, type ChatView, CreateChatDto } from './chat.dto';
import { ChatsService } from './chats.service';

@ApiTags('chats')
@ApiBearerAuth()
@ApiUnauthorizedResponse({ type: ErrorDto, description: 'The bearer token is missing or wrong.' })
@Controller('chats')
export class ChatsController {
  constructor(private readonly chats: ChatsService) {}

  @Post()
  @ApiOperation({ operationId: 'createChat', summary: 'Start a chat with a lead' })
  @ApiCreatedResponse({ type: ChatCreatedDto })
  @ApiBadRequestResponse({ type: ErrorDto, description: 'Not accepted as sent.' })
  async create(@Body() body: CreateChatDto): Promise<Readonly<ChatCreatedDto>> {
    const { id } = await this.chats.create(body.name ?? null);
    return { id };
  }

  @Get(':id')
  @ApiOperation({ operationId: 'getChat', summary: 'A chat with what the networks reported about its lead' })
  @ApiOkResponse({ type: ChatDto })
  @ApiNotFoundResponse({ type: ErrorDto, description: 'There is no such chat.' })
  get(
    @Param('id', new ParseUUIDPipe({ errorHttpStatusCode: HttpStatus.NOT_FOUND })) id: string,
  ): Promise<ChatView> {
    return this.chats.get(id);
  }
}
