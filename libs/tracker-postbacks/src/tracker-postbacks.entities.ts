import { TrackerAuditEntry } from './audit/audit.entity';
import { TrackerClick } from './clicks/click.entity';
import { TrackerConversion } from './conversions/conversion.entity';
import { TrackerDelivery } from './events/delivery.entity';
import { TrackerEventRow } from './events/event.entity';
import { TrackerHandler } from './events/handler.entity';
import { TrackerIntegration } from './integrations/integration.entity';
import { TrackerPostbackConfig } from './integrations/postback-config.entity';
import { TrackerLink } from './links/link.entity';
import { TrackerPostback } from './postbacks/postback.entity';
import { TrackerRejectedCount } from './postbacks/rejected-count.entity';

/** Every entity of this library, for a DataSource without `autoLoadEntities`. */
export const TRACKER_ENTITIES = [
  TrackerIntegration,
  TrackerPostbackConfig,
  TrackerLink,
  TrackerClick,
  TrackerPostback,
  TrackerConversion,
  TrackerEventRow,
  TrackerHandler,
  TrackerDelivery,
  TrackerAuditEntry,
  TrackerRejectedCount,
] as const;
