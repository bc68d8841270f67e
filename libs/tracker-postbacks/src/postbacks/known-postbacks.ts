import { Inject, Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { TrackerDatabase } from '../database/tracker-database';
import { TrackerPostback } from './postback.entity';

/** Tells which postbacks are in the database, whatever became of them there. */
@Injectable()
export class KnownPostbacks {
  constructor(@Inject(TrackerDatabase) private readonly database: TrackerDatabase) {}

  async among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.database.read((source) =>
      source.getRepository(TrackerPostback).find({ select: { id: true }, where: { id: In([...ids]) } }),
    );
    return new Set(rows.map(({ id }) => id));
  }
}
