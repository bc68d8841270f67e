import { type LintDraft } from './lint-draft';
import { type PastedUrl } from './pasted-url.rule';

/** Whether the URL leads to the route of this very integration. */
export function lintAddress(url: PastedUrl, draft: LintDraft): void {
  const { address, id, others } = draft.target;
  const own = new URL(address);
  const { scheme, host, path, integrationId } = url;
  if (url.questionMarkMissing) draft.report('question_mark_missing', null);
  if (host !== null) {
    if (host !== own.host) draft.report('other_host', null, { value: host, suggestion: own.origin });
    else if (scheme === null) draft.report('scheme_missing', null);
    else if (scheme === 'http' && own.protocol === 'https:') draft.report('not_https', null);
  }
  if (path === null) return;
  if (integrationId !== null && integrationId !== id) {
    const name = others.get(integrationId);
    if (name === undefined) {
      draft.report('integration_unknown', null, { value: integrationId, suggestion: id });
    } else {
      draft.report('integration_other', null, { name, suggestion: id });
    }
  }
  if (!isOwnPath(path, integrationId, own.pathname, id)) {
    draft.report('other_path', null, { value: path === '' ? '/' : path, suggestion: own.pathname });
  }
}

/** Case, doubled slashes and a slash at the end make no difference to the route. */
function isOwnPath(path: string, integrationId: string | null, ownPath: string, id: string): boolean {
  if (integrationId === null) return false;
  const plain = path.toLowerCase().replaceAll(/\/+/g, '/').replace(integrationId, id);
  const own = ownPath.toLowerCase();
  return plain === own || plain.startsWith(`${own}/`);
}
