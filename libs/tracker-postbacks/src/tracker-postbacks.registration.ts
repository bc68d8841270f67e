import { type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { adminController, perRegistration } from './admin/admin.controller';
import { CsvReply } from './admin/csv-reply';
import { TrackerAuditController } from './audit/audit.controller';
import { TrackerAudit } from './audit/audit.service';
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
import { TrackerDatabase } from './database/tracker-database';
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
import { EventNotifier } from './events/event-notifier';
import { EventRelay } from './events/event-relay';
import { HandlerRegistry } from './events/handler-registry';
import { TrackerEventEmitter } from './events/tracker-event-emitter';
import { IntegrationDirectory } from './integrations/integration-directory';
import { IntegrationStore } from './integrations/integration-store';
import { TrackerIntegrationsController } from './integrations/integrations.controller';
import { TrackerIntegrations } from './integrations/integrations.service';
import { ProxyTrust } from './integrations/proxy-trust';
import { PublicAddress } from './integrations/public-address';
import { TrackerIntegrationLinksController, TrackerLinksController } from './links/links.controller';
import { TrackerLinks } from './links/links.service';
import { TrackerNetworksController } from './networks/networks.controller';
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
import { IntakeService } from './postbacks/intake.service';
import { JudgingService } from './postbacks/judging.service';
import { TrackerPostbackController } from './postbacks/postback.controller';
import { PostbackEraser } from './postbacks/postback-eraser';
import { PostbackStore } from './postbacks/postback-store';
import { ReplayService } from './postbacks/replay.service';
import { RouteVariants } from './postbacks/route-variants';
import { SecondLook } from './postbacks/second-look';
import { RetentionStore } from './retention/retention.store';
import { RetentionSweep } from './retention/retention.sweep';
import { ChatSummaries } from './stats/chat-summaries';
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
];

const INTERNAL: readonly Type[] = [
  ChatMerge,
  ClickAnnouncements,
  ClickDirectory,
  ChatSummaries,
  ClickStore,
  ConversionExport,
  ConversionSearch,
  CsvReply,
  CustomFieldKeys,
  DepositTwins,
  DryJudge,
  DeliveryStore,
  ErasureStore,
  EventNotifier,
  EventRelay,
  HandlerRegistry,
  IntakeService,
  IntegrationDirectory,
  IntegrationNetworks,
  IntegrationStore,
  JudgingService,
  NearMisses,
  NetworkRegistry,
  PostbackEraser,
  PostbackConsequences,
  PostbackExplanation,
  PostbackExport,
  PostbackSearch,
  PostbackStore,
  ProxyTrust,
  PublicAddress,
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
];

const SYSTEM_CLOCK: TrackerClock = { now: () => Date.now() };

/** What one registration adds to the module: everything that depends on the static extras. @internal */
export function registration(definition: DynamicModule, extras: TrackerPostbacksExtras): DynamicModule {
  const admin = extras.adminOpen === true || (extras.adminGuards ?? []).length > 0;
  const providers: Provider[] = [
    ...EXPORTED,
    ...INTERNAL,
    { provide: ChatRows, useClass: ChatRowsStore },
    { provide: TRACKER_DATA_SOURCE, useExisting: getDataSourceToken(extras.dataSource) },
    { provide: ADMIN_ROUTES, useValue: admin },
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
