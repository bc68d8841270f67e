import { Controller, Get, Inject, Injectable, Module, Query, Req } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, Repository } from 'typeorm';
import {
  NAIVE_ENTITIES,
  NaiveClick,
  NaiveConversion,
  NaiveEvent,
  NaiveFieldValue,
  NaivePostback,
} from './naive.entities';

/** A verdict as the library words it, so that one check of the replies fits both. */
interface NaiveReply {
  readonly status: 'accepted' | 'unmatched';
  readonly conversionId?: string;
}

@Injectable()
export class NaiveService {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    @InjectRepository(NaiveClick) private readonly clicks: Repository<NaiveClick>,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  async receive(target: string, query: Readonly<Record<string, string>>): Promise<NaiveReply> {
    const clickId = query['clickid'] ?? '';
    const click = await this.clicks.findOne({ where: { clickId } });
    if (click === null) return { status: 'unmatched' };
    return this.inTurn(() => this.store(target, query, click));
  }

  private store(
    target: string,
    query: Readonly<Record<string, string>>,
    { clickId, chatId }: NaiveClick,
  ): Promise<NaiveReply> {
    const event = query['tracker.event'] ?? '';
    return this.dataSource.transaction(async (manager) => {
      const postback = await manager
        .getRepository(NaivePostback)
        .save({ clickId, event, target, status: 'accepted' });
      const conversion = await manager.getRepository(NaiveConversion).save({
        postbackId: postback.id,
        clickId,
        chatId,
        event,
        tid: query['tracker.tid'] ?? '',
        cost: query['tracker.cost'] ?? '0',
        currency: query['tracker.currency'] ?? '',
      });
      await manager
        .getRepository(NaiveEvent)
        .save({ name: event, conversionId: conversion.id, payload: { ...query, chatId } });
      await manager.getRepository(NaiveFieldValue).save(
        Object.entries(query)
          .filter(([name]) => name.startsWith('fields.'))
          .map(([name, value]) => ({
            conversionId: conversion.id,
            name: name.slice('fields.'.length),
            value,
          })),
      );
      return { status: 'accepted', conversionId: conversion.id };
    });
  }

  /** On SQLite all transactions share one connection, and run into each other unless they take turns. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.dataSource.options.type !== 'better-sqlite3') return work();
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

@Controller('naive')
export class NaiveController {
  constructor(@Inject(NaiveService) private readonly service: NaiveService) {}

  @Get('tracker-postback')
  receive(
    @Req() request: { readonly url: string },
    @Query() query: Record<string, string>,
  ): Promise<NaiveReply> {
    return this.service.receive(request.url, query);
  }
}

/** One query for the click, then a transaction of `repository.save`: what people write by hand. */
@Module({
  imports: [TypeOrmModule.forFeature([...NAIVE_ENTITIES])],
  controllers: [NaiveController],
  providers: [NaiveService],
})
export class NaiveModule {}
