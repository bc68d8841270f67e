import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TrackerClick } from './clicks/click.entity';
import { driverWarning } from './database/driver-check';
import { checkServer } from './database/server-check';
import { PublicAddress } from './integrations/public-address';
import { TRACKER_ENTITIES } from './tracker-postbacks.entities';
import { TrackerSetupError } from './tracker-postbacks.errors';
import { ADMIN_ROUTES, TRACKER_HOST_DATA_SOURCE } from './tracker-postbacks.tokens';

/** Says at boot what would otherwise come out with the first postback. */
@Injectable()
export class SetupCheck implements OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger('TrackerPostbacksModule');

  constructor(
    @Inject(TRACKER_HOST_DATA_SOURCE) private readonly dataSource: DataSource,
    @Inject(PublicAddress) private readonly address: PublicAddress,
    @Inject(ADMIN_ROUTES) private readonly adminRoutes: boolean,
  ) {}

  async onModuleInit(): Promise<void> {
    const missing = TRACKER_ENTITIES.filter((entity) => !this.dataSource.hasMetadata(entity));
    if (missing.length > 0) {
      throw new TrackerSetupError(
        'entities_missing',
        `The DataSource does not know ${missing.map(({ name }) => name).join(', ')}. ` +
          'Set autoLoadEntities: true, or add ...TRACKER_ENTITIES to its entities; a named DataSource is named ' +
          'beside useFactory: forRootAsync({ dataSource: "name", useFactory }).',
      );
    }
    const clicks = this.dataSource.getMetadata(TrackerClick);
    await checkServer(this.dataSource, clicks.tableName, 'click_id');
    const warning = driverWarning(this.dataSource);
    if (warning !== null) this.logger.warn(warning);
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
