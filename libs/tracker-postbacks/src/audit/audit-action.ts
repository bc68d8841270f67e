/** What an audited change was about. */
export const AUDIT_SUBJECTS = [
  'integration',
  'postback_config',
  'link',
  'click',
  'chat',
  'postback',
  'conversion',
  'delivery',
  'handler',
] as const;
export type AuditSubject = (typeof AUDIT_SUBJECTS)[number];

/** Every change that is audited, as `subject.what`. */
export const AUDIT_ACTIONS = [
  'integration.created',
  'integration.updated',
  'integration.archived',
  'integration.restored',
  'integration.secret_rotated',
  'postback_config.created',
  'postback_config.updated',
  'postback_config.deleted',
  'link.created',
  'link.updated',
  'link.deleted',
  'chat.reassigned',
  'chat.erased',
  'click.erased',
  'postback.replayed',
  'postback.released',
  'postback.counted',
  'conversion.recorded',
  'delivery.requeued',
  'handler.requeued',
  'handler.retired',
] as const satisfies readonly `${AuditSubject}.${string}`[];
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** The subject that stands before the dot of an action. */
export function subjectOf(action: AuditAction): AuditSubject {
  const subject = AUDIT_SUBJECTS.find((known) => action.startsWith(`${known}.`));
  if (subject === undefined) throw new TypeError(`The action "${action}" has no subject.`);
  return subject;
}
