import { type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { adminController, perRegistration } from './admin/admin.controller';
import { CsvReply } from './admin/csv-reply';
import { TrackerAuditController } from './audit/audit.controller';
import { TrackerAudit } from './audit/audit.service';
import { BrokerHandover } from './brokers/broker-handover';
import { ChatMerge } from './clicks/chat-merge';
import { ChatRows } from './clicks/chat-rows';
import { ClickAnnouncements } from './clicks/click-announcements';
import { ClickDirectory } from './clicks/click-directory';
import { NearMisses } from './clicks/near-misses';
import { ClickStore } from './clicks/click.store';
import { TrackerClicksController } from './clicks/clicks.controller';
import { TrackerClicks } from './clicks/clicks.service';
import { ConversionExport } from './conversions/conversion-export';
import { ConversionSearch } from './conversions/conversion-search';
import { TrackerConversionsController } from './conversions/conversions.controller';
import { TrackerConversions } from './conversions/conversions.service';
import { IntegrationNetworks } from './conversions/integration-networks';
import { readingDataSource } from './database/data-source.factory';
import { DatabaseBreaker } from './database/database-breaker';
import { TrackerDatabase } from './database/tracker-database';
import { TrackerDeliveriesController } from './deliveries/deliveries.controller';
import { TrackerDeliveries } from './deliveries/deliveries.service';
import { DeliverySearch } from './deliveries/delivery-search';
import { HandlerList } from './deliveries/handler-list';
import { TrackerHandlersController } from './deliveries/handlers.controller';
import { CustomFieldKeys } from './doctor/custom-field-keys';
import { DepositTwins } from './doctor/deposit-twins';
import { TrackerDoctorController } from './doctor/doctor.controller';
import { TrackerDoctor } from './doctor/doctor.service';
import { DryJudge } from './doctor/dry-judge';
import { TestPostbacks } from './doctor/test-postback.service';
import { TrackerChatErasureController, TrackerClickErasureController } from './erasure/erasure.controller';
import { TrackerErasure } from './erasure/erasure.service';
import { ErasureStore } from './erasure/erasure.store';
import { DeliveryStore } from './events/delivery-store';
import { deliveryStore } from './events/delivery-store.factory';
import { EventNotifier } from './events/event-notifier';
import { EventRelay } from './events/event-relay';
import { HandlerPresence } from './events/handler-presence';
import { HandlerRegistry } from './events/handler-registry';
import { HandlerRunner } from './events/handler-runner';
import { HandlerStore } from './events/handler-store';
import { handlerStore } from './events/handler-store.factory';
import { RelayState } from './events/relay-state';
import { TrackerEventEmitter } from './events/tracker-event-emitter';
import { DirectoryWarmth } from './integrations/directory-warmth';
import { TrackerHealthIndicator } from './health/health.indicator';
import { TrackerSurvey } from './health/health.survey';
import { IntegrationDirectory } from './integrations/integration-directory';
import { IntegrationStore } from './integrations/integration-store';
import { TrackerIntegrationsController } from './integrations/integrations.controller';
import { TrackerIntegrations } from './integrations/integrations.service';
import { ProxyTrust } from './integrations/proxy-trust';
import { PublicAddress } from './integrations/public-address';
import { Journal } from './journal/journal';
import { TrackerIntegrationLinksController, TrackerLinksController } from './links/links.controller';
import { TrackerLinks } from './links/links.service';
import { TrackerNetworksController } from './networks/networks.controller';
import { NoMeter, TrackerMeter } from './metrics/meter';
import { RegistryMeter } from './metrics/registry-meter';
import { NetworkRegistry } from './networks/network-registry';
import {
  TrackerCorrectionsController,
  TrackerRecordConversionController,
} from './postback-log/corrections.controller';
import { TrackerCorrections } from './postback-log/corrections.service';
import { TrackerPostbackLogController } from './postback-log/postback-log.controller';
import { TrackerPostbackLog } from './postback-log/postback-log.service';
import { TrackerClickTimelineController } from './postback-log/click-timeline.controller';
import { TrackerClickTimeline } from './postback-log/click-timeline.service';
import { PostbackConsequences } from './postback-log/postback-consequences';
import { PostbackExplanation } from './postback-log/postback-explanation';
import { PostbackExport } from './postback-log/postback-export';
import { PostbackSearch } from './postback-log/postback-search';
import { ChatRowsStore } from './postbacks/chat-rows.store';
import { GracefulClose } from './postbacks/graceful-close';
import { IntakeService } from './postbacks/intake.service';
import { IntakeState } from './postbacks/intake-state';
import { JournalDrain } from './postbacks/journal-drain';
import { JudgingService } from './postbacks/judging.service';
import { KnownPostbacks } from './postbacks/known-postbacks';
import { TrackerPostbackController } from './postbacks/postback.controller';
import { PostbackEraser } from './postbacks/postback-eraser';
import { PostbackStore } from './postbacks/postback-store';
import { postbackStore } from './postbacks/postback-store.factory';
import { RejectedCap } from './postbacks/rejected-cap';
import { RejectedCountStore } from './postbacks/rejected-count.store';
import { ReplayService } from './postbacks/replay.service';
import { RouteVariants } from './postbacks/route-variants';
import { SecondLook } from './postbacks/second-look';
import { RetentionStore } from './retention/retention.store';
import { RetentionSweep } from './retention/retention.sweep';
import { ChatSummaries } from './stats/chat-summaries';
import { CountedRejections } from './stats/counted-rejections';
import { TrackerChatSummaryController, TrackerStatsController } from './stats/stats.controller';
import { TrackerStats } from './stats/stats.service';
import { StatsStore } from './stats/stats.store';
import { SetupCheck } from './tracker-postbacks.setup-check';
import { TRACKER_ENTITIES } from './tracker-postbacks.entities';
import {
  type TrackerClock,
  type TrackerPostbacksExtras,
  type TrackerPostbacksOptions,
} from './tracker-postbacks.options';
import {
  ADMIN_ROUTES,
  TRACKER_CLOCK,
  TRACKER_DATA_SOURCE,
  TRACKER_HOST_DATA_SOURCE,
  TRACKER_OPTIONS,
} from './tracker-postbacks.tokens';

const ADMIN_CONTROLLERS: readonly Type[] = [
  TrackerNetworksController,
  TrackerIntegrationsController,
  TrackerDoctorController,
  TrackerIntegrationLinksController,
  TrackerLinksController,
  TrackerClicksController,
  TrackerPostbackLogController,
  TrackerConversionsController,
  TrackerCorrectionsController,
  TrackerRecordConversionController,
  TrackerClickErasureController,
  TrackerChatErasureController,
  TrackerAuditController,
  TrackerClickTimelineController,
  TrackerStatsController,
  TrackerChatSummaryController,
  TrackerDeliveriesController,
  TrackerHandlersController,
];

const EXPORTED: readonly Type[] = [
  TrackerEventEmitter,
  TrackerIntegrations,
  TrackerLinks,
  TrackerClicks,
  TrackerConversions,
  TrackerPostbackLog,
  TrackerClickTimeline,
  TrackerStats,
  TrackerCorrections,
  TrackerErasure,
  TrackerDeliveries,
  TrackerHealthIndicator,
];

const INTERNAL: readonly Type[] = [
  BrokerHandover,
  ChatMerge,
  ClickAnnouncements,
  ClickDirectory,
  ChatSummaries,
  ClickStore,
  ConversionExport,
  ConversionSearch,
  CountedRejections,
  CsvReply,
  CustomFieldKeys,
  DatabaseBreaker,
  DeliverySearch,
  DepositTwins,
  DirectoryWarmth,
  DryJudge,
  ErasureStore,
  EventNotifier,
  EventRelay,
  GracefulClose,
  HandlerList,
  HandlerPresence,
  HandlerRegistry,
  HandlerRunner,
  IntakeService,
  IntakeState,
  IntegrationDirectory,
  IntegrationNetworks,
  IntegrationStore,
  Journal,
  JournalDrain,
  JudgingService,
  KnownPostbacks,
  NearMisses,
  NetworkRegistry,
  PostbackEraser,
  PostbackConsequences,
  PostbackExplanation,
  PostbackExport,
  PostbackSearch,
  ProxyTrust,
  PublicAddress,
  RelayState,
  RejectedCap,
  RejectedCountStore,
  RetentionStore,
  RetentionSweep,
  ReplayService,
  RouteVariants,
  SecondLook,
  SetupCheck,
  StatsStore,
  TrackerAudit,
  TrackerDatabase,
  TestPostbacks,
  TrackerDoctor,
  TrackerSurvey,
];

const SYSTEM_CLOCK: TrackerClock = { now: () => Date.now() };

/** What one registration adds to the module: everything that depends on the static extras. @internal */
export function registration(definition: DynamicModule, extras: TrackerPostbacksExtras): DynamicModule {
  const admin = extras.adminOpen === true || (extras.adminGuards ?? []).length > 0;
  const providers: Provider[] = [
    ...EXPORTED,
    ...INTERNAL,
    { provide: ChatRows, useClass: ChatRowsStore },
    {
      provide: PostbackStore,
      useFactory: postbackStore,
      inject: [TRACKER_DATA_SOURCE, TrackerDatabase],
    },
    {
      provide: DeliveryStore,
      useFactory: deliveryStore,
      inject: [TRACKER_DATA_SOURCE, TrackerDatabase],
    },
    { provide: HandlerStore, useFactory: handlerStore, inject: [TRACKER_DATA_SOURCE, TrackerDatabase] },
    { provide: TRACKER_HOST_DATA_SOURCE, useExisting: getDataSourceToken(extras.dataSource) },
    { provide: TRACKER_DATA_SOURCE, useFactory: readingDataSource, inject: [TRACKER_HOST_DATA_SOURCE] },
    { provide: ADMIN_ROUTES, useValue: admin },
    {
      provide: TrackerMeter,
      useFactory: ({ metrics }: TrackerPostbacksOptions) =>
        metrics === undefined ? new NoMeter() : new RegistryMeter(metrics),
      inject: [TRACKER_OPTIONS],
    },
    {
      provide: TRACKER_CLOCK,
      useFactory: (options: TrackerPostbacksOptions) => options.clock ?? SYSTEM_CLOCK,
      inject: [TRACKER_OPTIONS],
    },
  ];
  return {
    ...definition,
    // Host modules inject the emitter and services wherever their handlers live.
    global: true,
    imports: [
      ...(definition.imports ?? []),
      DiscoveryModule,
      TypeOrmModule.forFeature([...TRACKER_ENTITIES], extras.dataSource),
    ],
    controllers: [
      perRegistration(TrackerPostbackController, ...(extras.publicDecorators ?? [])),
      ...(admin ? ADMIN_CONTROLLERS.map((controller) => adminController(controller, extras)) : []),
    ],
    providers: [...(definition.providers ?? []), ...providers],
    exports: [...EXPORTED],
  };
}
