import { createHash } from 'node:crypto';
import { type CompiledIntegration } from '../integrations/integration-recipe';
import { withoutSecrets } from '../integrations/secret';
import { takeSecret } from '../rules/parameters.rule';
import { type PostbackRequest } from '../rules/reading';
import { admissionOf } from './admission';
import { type PostbackCase } from './postback-case';

const ROW_LIMIT = 65_536;

/** One request of a network as the controller took it off the wire, its secret still in it. */
export interface Arrival {
  /** Lower case. */
  readonly integrationId: string;
  readonly method: string;
  readonly request: PostbackRequest;
  /** Hex SHA-256 of a body that was cut. */
  readonly rawSha256: string | null;
  readonly headerSecret: string | null;
  readonly address: string | null;
  readonly forwardedFor: string | null;
  readonly receivedAt: number;
  /**
   * A sample that the admin API sends: admitted without secret and address, and all it makes is a test. Without `deliver`
   * it makes no events, so that nobody acts on it.
   */
  readonly sample?: { readonly deliver: boolean };
  /** Recorded by hand through the admin API: admitted without secret and address. */
  readonly byHand?: boolean;
}

/** What is judged of a request: its secret tested and taken out. */
export function caseOf(arrival: Arrival, integration: CompiledIntegration, id: string): PostbackCase {
  const guarded = integration.secretHashes.length > 0;
  const taken = guarded
    ? takeSecret(arrival.request.target, arrival.request.body)
    : { ...arrival.request, secrets: [] };
  const secrets = arrival.headerSecret === null ? taken.secrets : [...taken.secrets, arrival.headerSecret];
  const kept = <T extends string | null>(text: T): T | string =>
    guarded && text !== null ? withoutSecrets(text, integration.secretHashes) : text;
  const target = kept(taken.target);
  const body = taken.body === null ? null : { ...taken.body, text: kept(taken.body.text) };
  const cut = target.length > ROW_LIMIT;
  return {
    id,
    integrationId: integration.id,
    method: arrival.method,
    request: {
      target: cut ? target.slice(0, ROW_LIMIT) : target,
      pathEvent: kept(arrival.request.pathEvent),
      body,
    },
    rawSha256: arrival.rawSha256 ?? (cut ? sha256(target) : null),
    address: arrival.address,
    forwardedFor: kept(arrival.forwardedFor),
    admission:
      arrival.sample === undefined && arrival.byHand !== true
        ? admissionOf(integration, secrets, arrival.address, arrival.receivedAt)
        : null,
    receivedAt: arrival.receivedAt,
    storedAs: null,
    attempts: 0,
    test: arrival.sample !== undefined,
    silent: arrival.sample?.deliver === false,
    under: (current) => caseOf(arrival, current, id),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
