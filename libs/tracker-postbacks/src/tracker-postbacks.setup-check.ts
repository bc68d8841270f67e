import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PublicAddress } from './integrations/public-address';
import { TRACKER_ENTITIES } from './tracker-postbacks.entities';
import { TrackerSetupError } from './tracker-postbacks.errors';
import { ADMIN_ROUTES, TRACKER_DATA_SOURCE } from './tracker-postbacks.tokens';

/** Says at boot what would otherwise come out with the first postback. */
@Injectable()
export class SetupCheck implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('TrackerPostbacksModule');

  constructor(
    @Inject(TRACKER_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(PublicAddress) private readonly address: PublicAddress,
    @Inject(ADMIN_ROUTES) private readonly adminRoutes: boolean,
  ) {}

  onModuleInit(): void {
    const missing = TRACKER_ENTITIES.filter((entity) => !this.dataSource.hasMetadata(entity));
    if (missing.length > 0) {
      throw new TrackerSetupError(
        'entities_missing',
        `The DataSource does not know ${missing.map(({ name }) => name).join(', ')}. ` +
          'Set autoLoadEntities: true, or add ...TRACKER_ENTITIES to its entities; a named DataSource is named ' +
          'beside useFactory: forRootAsync({ dataSource: "name", useFactory }).',
      );
    }
    const { type } = this.dataSource.options;
    if (type !== 'postgres') {
      throw new TrackerSetupError(
        'engine_unsupported',
        `The DataSource is ${type}; this version works on PostgreSQL.`,
      );
    }
    if (!this.adminRoutes) {
      this.logger.warn(
        'The admin routes are not mounted: name guards in adminGuards, or set adminOpen: true if your own guards protect them.',
      );
    }
  }

  /** Prefix, exclusions and a router's mount path are settled by now: this is what networks have to call. */
  onApplicationBootstrap(): void {
    this.logger.log(`Postbacks are taken at ${this.address.ofIntegration('<integration id>')}`);
  }
}
