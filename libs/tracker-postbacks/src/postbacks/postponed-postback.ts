import { type JournaledPostback } from '../journal/journaled-postback';
import { type Reading } from '../rules/reading';
import { idsOf } from './loaded-clicks';
import { type PostbackCase, type PostbackOutcome, type ReadCase } from './postback-case';

/** Every click id that a reading may mean, quarantined or not. */
export function clickIdsOf(reading: Reading | null): readonly string[] {
  return reading === null ? [] : idsOf(reading.clickId).map(({ id }) => id);
}

/** What the journal keeps of a postback. */
export function journaled({ case: arrived, integration, reading }: ReadCase): JournaledPostback {
  const { id, method, request, rawSha256, address, forwardedFor, admission, receivedAt } = arrived;
  return {
    id,
    tenantId: integration.tenantId,
    integrationId: integration.id,
    method,
    request,
    rawSha256,
    address,
    forwardedFor,
    admission,
    receivedAt,
    clickIds: clickIdsOf(reading),
  };
}

/** The case of what waited in the journal: as it arrived, except that its secret and address are not tested again. */
export function postponedCase(record: JournaledPostback): PostbackCase {
  const { id, integrationId, method, request, rawSha256, address, forwardedFor, admission, receivedAt } =
    record;
  return {
    id,
    integrationId,
    method,
    request,
    rawSha256,
    address,
    forwardedFor,
    admission,
    receivedAt,
    storedAs: null,
    attempts: 0,
    test: false,
  };
}

/** What a postback that waits in the journal is answered. */
export function postponedOutcome({ case: arrived, integration }: ReadCase): PostbackOutcome {
  const quarantined = arrived.admission !== null;
  return {
    kind: 'judged',
    postbackId: arrived.id,
    integration,
    status: quarantined ? 'quarantined' : 'deferred',
    code: arrived.admission ?? 'stored_for_later',
    parameter: null,
    args: undefined,
    event: null,
    conversionId: null,
    warnings: [],
  };
}

/** Whose integration the journal does not know any more: it cannot be judged, and is kept. */
export class IntegrationGoneError extends Error {
  override readonly name = 'IntegrationGoneError';

  constructor({ integrationId, id }: Pick<JournaledPostback, 'integrationId' | 'id'>) {
    super(`Postback ${id} is of the integration ${integrationId}, which the database does not have.`);
  }
}
