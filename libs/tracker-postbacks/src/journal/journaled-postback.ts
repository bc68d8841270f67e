import { type VerdictCodeOf } from '../rules/codes';
import { type PostbackRequest } from '../rules/reading';

/**
 * One request as it waits in the journal: all that judging it later needs, and nothing that must not lie on a disk. Its
 * secret was tested on arrival and taken out; only the outcome is here.
 */
export interface JournaledPostback {
  /** Made on arrival: whatever became of an earlier attempt to store it, there is one row with this id in the end. */
  readonly id: string;
  readonly tenantId: string;
  readonly integrationId: string;
  readonly method: string;
  readonly request: PostbackRequest;
  readonly rawSha256: string | null;
  readonly address: string | null;
  readonly forwardedFor: string | null;
  readonly admission: VerdictCodeOf<'quarantined'> | null;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The click ids it may mean, as they were read on arrival: by them it is ordered, and found when it is to be erased. */
  readonly clickIds: readonly string[];
}

const VERSION = 1;

export function encodePostback(postback: JournaledPostback): Buffer {
  return Buffer.from(JSON.stringify({ version: VERSION, ...postback }));
}

/** Null where a later version of this library wrote it, or it is no record at all. */
export function decodePostback(payload: Buffer): JournaledPostback | null {
  try {
    const { version, ...postback } = JSON.parse(payload.toString('utf8')) as { version?: unknown };
    return version === VERSION ? (postback as JournaledPostback) : null;
  } catch {
    return null;
  }
}

/** Postbacks of one key are judged in the order they came; null where nothing depends on an order. */
export function orderKey({ clickIds }: Pick<JournaledPostback, 'clickIds'>): string | null {
  // A "+" may arrive as a space, and means the same click.
  return clickIds.at(-1)?.replaceAll(' ', '+') ?? null;
}
