import { type NetworkPreset } from '../networks/network-preset';
import { TrackerError } from '../tracker-postbacks.errors';
import { notFound, rowId } from './integration-rows';
import { type TrackerIntegration } from './integration.entity';
import { type UrlAbilities } from './postback-config-settings';
import { type TrackerPostbackConfig } from './postback-config.entity';

const MAX_GRACE_HOURS = 720;

export function urlAbilities(row: TrackerIntegration, preset: NetworkPreset): UrlAbilities {
  return { macroSyntax: row.macroSyntax ?? preset.macroSyntax, eventInPath: preset.eventInPath };
}

/** @throws {TrackerError} `not_found` */
export function ofId(configs: readonly TrackerPostbackConfig[], id: string): TrackerPostbackConfig {
  const uuid = rowId(id);
  const config = configs.find((one) => one.id === uuid);
  if (config === undefined) throw notFound(id);
  return config;
}

export function assertEventFree(event: string, others: readonly TrackerPostbackConfig[]): void {
  const holder = others.find((other) => other.event === event);
  if (holder === undefined) return;
  throw new TrackerError(
    'postback_event_taken',
    409,
    `"${holder.name}" is already the postback of the event ${event.slice(0, 64)}: change that one, or choose another event.`,
    [{ field: 'event', message: 'Each event has one postback config.' }],
  );
}

export function assertInUse({ deletedAt }: TrackerIntegration): void {
  if (deletedAt === null) return;
  throw new TrackerError(
    'integration_archived',
    409,
    'The integration is archived: restore it before changing it.',
  );
}

export function assertSecretPossible({ eventInPath, name }: NetworkPreset): void {
  if (!eventInPath) return;
  throw new TrackerError(
    'secret_not_possible',
    400,
    `${name} takes no URL with a query, so a secret cannot be carried. Use allowedAddresses instead.`,
    [{ field: 'secret', message: 'Leave secret out.' }],
  );
}

export function checkedGraceHours(hours: number): number {
  if (Number.isInteger(hours) && hours >= 0 && hours <= MAX_GRACE_HOURS) return hours;
  const message = `graceHours has to be a whole number from 0 to ${MAX_GRACE_HOURS}`;
  throw new TrackerError('validation_failed', 400, `Not accepted: ${message}.`, [
    { field: 'graceHours', message },
  ]);
}
