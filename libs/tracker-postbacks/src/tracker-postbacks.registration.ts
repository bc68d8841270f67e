import { type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { adminController, perRegistration } from './admin/admin.controller';
import { ClickAnnouncements } from './clicks/click-announcements';
import { ClickDirectory } from './clicks/click-directory';
import { ClickStore } from './clicks/click.store';
import { TrackerClicksController } from './clicks/clicks.controller';
import { TrackerClicks } from './clicks/clicks.service';
import { TrackerConversionsController } from './conversions/conversions.controller';
import { TrackerConversions } from './conversions/conversions.service';
import { IntegrationNetworks } from './conversions/integration-networks';
import { DeliveryStore } from './events/delivery-store';
import { EventNotifier } from './events/event-notifier';
import { EventRelay } from './events/event-relay';
import { HandlerRegistry } from './events/handler-registry';
import { TrackerEventEmitter } from './events/tracker-event-emitter';
import { IntegrationDirectory } from './integrations/integration-directory';
import { IntegrationStore } from './integrations/integration-store';
import { TrackerIntegrationsController } from './integrations/integrations.controller';
import { TrackerIntegrations } from './integrations/integrations.service';
import { PublicAddress } from './integrations/public-address';
import { TrackerIntegrationLinksController, TrackerLinksController } from './links/links.controller';
import { TrackerLinks } from './links/links.service';
import { TrackerNetworksController } from './networks/networks.controller';
import { NetworkRegistry } from './networks/network-registry';
import { TrackerPostbackLogController } from './postback-log/postback-log.controller';
import { TrackerPostbackLog } from './postback-log/postback-log.service';
import { IntakeService } from './postbacks/intake.service';
import { JudgingService } from './postbacks/judging.service';
import { TrackerPostbackController } from './postbacks/postback.controller';
import { PostbackStore } from './postbacks/postback-store';
import { RouteVariants } from './postbacks/route-variants';
import { SecondLook } from './postbacks/second-look';
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
  TrackerIntegrationLinksController,
  TrackerLinksController,
  TrackerClicksController,
  TrackerPostbackLogController,
  TrackerConversionsController,
];

const EXPORTED: readonly Type[] = [
  TrackerEventEmitter,
  TrackerIntegrations,
  TrackerLinks,
  TrackerClicks,
  TrackerConversions,
  TrackerPostbackLog,
];

const INTERNAL: readonly Type[] = [
  ClickAnnouncements,
  ClickDirectory,
  ClickStore,
  DeliveryStore,
  EventNotifier,
  EventRelay,
  HandlerRegistry,
  IntakeService,
  IntegrationDirectory,
  IntegrationNetworks,
  IntegrationStore,
  JudgingService,
  NetworkRegistry,
  PostbackStore,
  PublicAddress,
  RouteVariants,
  SecondLook,
  SetupCheck,
];

const SYSTEM_CLOCK: TrackerClock = { now: () => Date.now() };

/** What one registration adds to the module: everything that depends on the static extras. @internal */
export function registration(definition: DynamicModule, extras: TrackerPostbacksExtras): DynamicModule {
  const admin = extras.adminOpen === true || (extras.adminGuards ?? []).length > 0;
  const providers: Provider[] = [
    ...EXPORTED,
    ...INTERNAL,
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
