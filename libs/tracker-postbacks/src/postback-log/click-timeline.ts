import { type TrackerClickView } from '../clicks/clicks.dto';
import { conversionDto } from '../conversions/conversion.dto';
import { type TrackerConversion } from '../conversions/conversion.entity';
import { type TrackerPostback } from '../postbacks/postback.entity';
import { type TimelineKind, type TrackerTimelineEntryDto } from './click-timeline.dto';
import { type Consequences } from './postback-consequences';
import { eventView, postbackDto, type Surroundings } from './postback-presentation';
import { deliveryView } from '../deliveries/delivery-view';
import { inOrder } from './timeline-order.rule';

/** What one page of a timeline is made of. */
export interface TimelineParts extends Consequences {
  /** Null on later pages, and where no such click is known. */
  readonly click: TrackerClickView | null;
  readonly postbacks: readonly TrackerPostback[];
  readonly conversions: readonly TrackerConversion[];
  /** Whether what came of this postback belongs to the page. */
  readonly isHere: (postbackId: string | null) => boolean;
  readonly surroundings: (row: { readonly integrationId: string }) => Surroundings;
}

interface Entry {
  readonly kind: TimelineKind;
  readonly time: number;
  readonly postbackId: string | null;
  readonly rank: string;
  readonly view: TrackerTimelineEntryDto;
}

/** Events that tell of a conversion without writing the fields that they show. */
const NO_WRITES: ReadonlySet<string> = new Set(['reversal', 'reinstated', 'unmatched']);

/** Everything on the page, oldest first. */
export function timeline(parts: TimelineParts): readonly TrackerTimelineEntryDto[] {
  return inOrder(new TimelineEntries(parts).all()).map(({ view }) => view);
}

class TimelineEntries {
  private readonly entries: Entry[] = [];
  /** When what has a place by now took place, by id: nothing stands before its cause, whatever clocks say. */
  private readonly times = new Map<string, number>();

  constructor(private readonly parts: TimelineParts) {}

  all(): readonly Entry[] {
    const { click, postbacks, conversions } = this.parts;
    if (click !== null) this.add('click', Date.parse(click.createdAt), null, '', { click });
    for (const row of postbacks) {
      this.add('postback', row.receivedAt.getTime(), row.id, row.id, {
        postback: postbackDto(row, this.parts.surroundings(row)),
      });
    }
    for (const row of conversions) this.addConversion(row);
    this.addEvents();
    return this.entries;
  }

  private addConversion(row: TrackerConversion): void {
    const { isHere, surroundings } = this.parts;
    const { id, postbackId, receivedAt, reversedAt, reversedBy, voidedAt, reason } = row;
    const conversion = conversionDto(row, surroundings(row).network);
    const time = this.after(receivedAt, postbackId);
    if (isHere(postbackId)) {
      this.add('conversion', time, postbackId, id, { conversion, reason });
      if (voidedAt !== null) {
        this.add('conversion_voided', Math.max(voidedAt.getTime(), time), postbackId, id, { conversion });
      }
    }
    if (reversedAt !== null && isHere(reversedBy ?? postbackId)) {
      const reversed = Math.max(this.after(reversedAt, reversedBy), time);
      this.add('conversion_reversed', reversed, reversedBy ?? postbackId, id, { conversion });
    }
  }

  private addEvents(): void {
    const { events, deliveries } = this.parts;
    const views = new Map(
      events.map((row) => [row.id, { event: eventView(row), postbackId: row.postbackId }]),
    );
    for (const { id, seq, postbackId, createdAt, name } of events) {
      const event = views.get(id)?.event ?? null;
      const fields = event?.fields ?? {};
      const time = this.after(createdAt, postbackId);
      this.times.set(id, time);
      if (!NO_WRITES.has(name) && Object.keys(fields).length > 0) {
        this.add('fields', time, postbackId, seq, { fields, event });
      }
      this.add('event', time, postbackId, seq, { event });
    }
    for (const row of deliveries) {
      const of = views.get(row.eventId);
      const time = this.after(row.finishedAt ?? row.dueAt, row.eventId);
      this.add('delivery', time, of?.postbackId ?? null, row.id, {
        event: of?.event ?? null,
        delivery: deliveryView(row),
      });
    }
  }

  private after(at: Date, cause: string | null): number {
    return Math.max(at.getTime(), (cause === null ? undefined : this.times.get(cause)) ?? 0);
  }

  private add(
    kind: TimelineKind,
    time: number,
    postbackId: string | null,
    rank: string,
    view: Partial<TrackerTimelineEntryDto>,
  ): void {
    if (kind === 'postback') this.times.set(rank, time);
    this.entries.push({
      kind,
      time,
      postbackId,
      rank,
      view: {
        at: new Date(time).toISOString(),
        kind,
        postbackId,
        click: null,
        postback: null,
        conversion: null,
        reason: null,
        fields: null,
        event: null,
        delivery: null,
        ...view,
      },
    });
  }
}
