export { TrackerPostbacksModule } from './tracker-postbacks.module';
export {
  type ClickResolver,
  type CustomFieldDirectory,
  type ResolvedClick,
  type TrackerClock,
  type TrackerPostbacksExtras,
  type TrackerPostbacksOptions,
  type TrackerScope,
} from './tracker-postbacks.options';
export { TrackerError, type TrackerErrorDetail, TrackerSetupError } from './tracker-postbacks.errors';
export { TRACKER_ENTITIES } from './tracker-postbacks.entities';
export { TRACKER_MYSQL_MIGRATIONS } from './migrations/mysql.migrations';
export { TRACKER_POSTGRES_MIGRATIONS } from './migrations/postgres.migrations';
export { TRACKER_SQLITE_MIGRATIONS } from './migrations/sqlite.migrations';

export { OnTrackerEvent, type TrackerHandlerOptions } from './events/on-tracker-event.decorator';
export { TrackerEventEmitter, type TrackerListenerTarget } from './events/tracker-event-emitter';
export { type TrackerHandlerContext } from './events/handler-context';
export { type ConversionFacts } from './events/event-payload';
export {
  type AnyTrackerEvent,
  TrackerAmendedEvent,
  TrackerConversionEvent,
  TrackerEvent,
  type TrackerEventMap,
  type TrackerEventName,
  type TrackerEventOf,
  TrackerFieldsEvent,
  type TrackerHandlerTarget,
  TrackerRecordedEvent,
  TrackerReinstatedEvent,
  TrackerReversalEvent,
  TrackerUnmatchedEvent,
} from './events/tracker-events';

export { type TrackerBroker } from './brokers/broker.options';
export { type TrackerClientProxy } from './brokers/client-proxy';
export { type TrackerEventMessage } from './brokers/event-message';
export { TrackerHealthIndicator, type TrackerHealthOptions } from './health/health.indicator';
export { type TrackerHealth, type TrackerHealthConcern } from './health/health.verdict';
export { type TrackerMetricsOptions, type TrackerMetricsRegistry } from './metrics/metrics.options';

export {
  type ListIntegrations,
  type RotatedSecret,
  TrackerIntegrations,
} from './integrations/integrations.service';
export { type CreateIntegration, type UpdateIntegration } from './integrations/integration-settings';
export {
  type CreatePostbackConfig,
  type UpdatePostbackConfig,
} from './integrations/postback-config-settings';
export { type TrackerIntegrationView, type TrackerPostbackConfigView } from './integrations/integration-view';
export { type IntegrationReply, type IntegrationRoles } from './integrations/integration.entity';
export { TrackerLinks, type TrackerLinkScope } from './links/links.service';
export { type CreateLink, type ListLinks, type RenderLink, type UpdateLink } from './links/link-input';
export { type RenderedLinkView, type TrackerLinkView } from './links/link-view';
export { type TrackerLinkFinding } from './links/link-findings';
export { type LinkFindingCode } from './links/link-messages';
export { type LinkValueGroup, type LinkValues } from './rules/link-rendering.rule';
export { type IssueClick, TrackerClicks } from './clicks/clicks.service';
export { type ChatOfClick, type NamedClick } from './clicks/click-input';
export {
  type IssuedClick,
  type ReassignedChat,
  type RegisteredClicks,
  type TrackerClickView,
} from './clicks/clicks.dto';
export { type MergedChats } from './clicks/chat-merge';
export { clickKey } from './clicks/click-directory';
export { TrackerConversions } from './conversions/conversions.service';
export { type TrackerConversionView } from './conversions/conversion.dto';
export { type ListFilters } from './conversions/list-filters';
export {
  type RecordConversion,
  type ReplayReport,
  TrackerCorrections,
} from './postback-log/corrections.service';
export { type ReplayResult } from './postbacks/replay.service';
export { type ReplayState } from './postbacks/replay-plan';
export { type TrackerLogScope, TrackerPostbackLog } from './postback-log/postback-log.service';
export { type TrackerPostbackPage, type TrackerPostbackView } from './postback-log/postback.dto';
export { TrackerClickTimeline } from './postback-log/click-timeline.service';
export { type TimelinePage, type TrackerTimelineView } from './postback-log/click-timeline.dto';
export { TrackerStats } from './stats/stats.service';
export { type StatsFilters } from './stats/stats-filters';
export { type TrackerStatsView } from './stats/stats.dto';
export { type TrackerChatSummaryView } from './stats/chat-summary.dto';
export { type TrackerPostbackDetailView } from './postback-log/postback-detail.dto';
export { type PostbackFilters } from './postback-log/postback-filters';
export { TrackerErasure } from './erasure/erasure.service';
export { TrackerDeliveries, type TrackerDeliveryScope } from './deliveries/deliveries.service';
export { type DeliveryFilters, type TrackerDeliveryView } from './deliveries/delivery.dto';
export { type RequeuedDeliveries, type TrackerHandlerView } from './deliveries/handler.dto';
export { type Page } from './admin/page';

export {
  DEFAULT_CURRENCY,
  type NetworkPreset,
  type PerRole,
  type PresetCustomField,
  type PresetEvidence,
  type PresetFormField,
  type PresetPostback,
  type PresetReply,
} from './networks/network-preset';
export { customPreset } from './networks/presets/custom.preset';
export {
  type AmountRule,
  type DecimalMark,
  type EventMapTarget,
  type EventSource,
  type FieldMapping,
  type Role,
} from './rules/recipe';
export { type FlatRecord } from './rules/reading';

export { TrackerIntegration } from './integrations/integration.entity';
export { TrackerPostbackConfig } from './integrations/postback-config.entity';
export { TrackerLink } from './links/link.entity';
export { TrackerClick } from './clicks/click.entity';
export { TrackerPostback } from './postbacks/postback.entity';
export { TrackerConversion } from './conversions/conversion.entity';
export { TrackerEventRow } from './events/event.entity';
export { TrackerHandler } from './events/handler.entity';
export { TrackerDelivery } from './events/delivery.entity';
export { TrackerAuditEntry } from './audit/audit.entity';
export { TrackerRejectedCount } from './postbacks/rejected-count.entity';

export {
  VERDICT_CODES,
  VERDICT_STATUSES,
  type VerdictCode,
  type VerdictStatus,
  type Warning,
  type WarningCode,
} from './rules/codes';
