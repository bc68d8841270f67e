import { linkUrl } from '../rules/link-template.rule';
import { type TrackerLink } from './link.entity';
import { linkFindings, type LinkSurroundings, type TrackerLinkFinding } from './link-findings';

/** A registration link as the admin API and {@link TrackerLinks} show it. */
export interface TrackerLinkView {
  readonly id: string;
  readonly integrationId: string;
  readonly name: string;
  readonly baseUrl: string;
  /**
   * The base URL with `{{tracker.clickid}}` in the integration's present click-id parameter; null where that has come to
   * be taken by something else, which a finding then says.
   */
  readonly finalUrl: string | null;
  readonly findings: readonly TrackerLinkFinding[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A link ready to be given to one lead. */
export interface RenderedLinkView {
  readonly url: string;
  /** The chat's click id, which the URL carries. */
  readonly clickId: string;
}

export function linkView(row: TrackerLink, surroundings: LinkSurroundings): TrackerLinkView {
  const { id, integrationId, name, baseUrl } = row;
  const link = linkUrl(baseUrl, surroundings.clickIdParameter);
  return {
    id,
    integrationId,
    name,
    baseUrl,
    finalUrl: link.ok ? link.url : null,
    findings: linkFindings(baseUrl, link, surroundings),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
