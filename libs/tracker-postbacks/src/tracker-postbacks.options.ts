import { type CanActivate, type Type } from '@nestjs/common';
import { type TrackerBroker } from './brokers/broker.options';
import { type TrackerMetricsOptions } from './metrics/metrics.options';
import { type NetworkPreset } from './networks/network-preset';

/** Whose data a call may see, and who is asking. */
export interface TrackerScope {
  /** @default 'default' */
  readonly tenantId?: string;
  /** Written to the audit trail. */
  readonly actor?: string;
}

/** The time everything in the code goes by; leases and due times go by the database's clock. */
export interface TrackerClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** What a click id belongs to, as the host knows it. */
export interface ResolvedClick {
  readonly chatId: string;
  readonly campaignId?: string;
}

/**
 * For hosts that keep their click ids elsewhere. Called once per batch, before any transaction is opened; when it
 * rejects, the batch is answered `deferred` and judged later. It must not wait for `TrackerClicks.register` or `announce`,
 * which wait for postbacks to be judged: what it returns is registered by itself.
 */
export interface ClickResolver {
  /**
   * @param ids unknown click ids of one batch, without repeats
   * @param signal aborted when the time allowed is over
   * @returns the clicks that exist, by click id within its tenant: key with {@link clickKey}
   */
  resolve(
    ids: readonly { readonly tenantId: string; readonly clickId: string }[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, ResolvedClick>>;
}

/** What the library may ask the CRM about its custom fields. */
export interface CustomFieldDirectory {
  /**
   * Keys of the custom fields that the tenant's leads have. Asked for by the doctor, so that a mapping to a field that
   * does not exist is told; when it rejects or takes longer than two seconds, nothing is said about fields.
   */
  keys(tenantId: string): Promise<readonly string[]>;
}

/** Options known only when the application starts; `publicUrl` is the only one required. */
export interface TrackerPostbacksOptions {
  /**
   * Where networks reach this application, without the global prefix: `https://crm.example.com`. Ready URLs are made
   * from it, never from a `Host` header.
   */
  readonly publicUrl: string;
  /** The tenant of an admin request. @default everything belongs to the tenant `default` */
  readonly tenant?: (request: unknown) => string | Promise<string>;
  /** Who makes an admin request, for the audit trail. @default nobody is named */
  readonly actor?: (request: unknown) => string | undefined;
  readonly clickResolver?: ClickResolver;
  /** Lists the CRM's custom fields. @default mappings are not compared with the CRM's fields */
  readonly customFields?: CustomFieldDirectory;
  /**
   * Networks of your own, beside those that the library knows; one with the key of a built-in preset takes its place. One
   * that cannot work stops the application at boot with {@link TrackerSetupError}, which names preset and field.
   */
  readonly networks?: readonly NetworkPreset[];
  /** @default the system clock */
  readonly clock?: TrackerClock;
  readonly intake?: {
    /** Postbacks waiting to be written before more go to the journal, or are answered 503. @default 10000 */
    readonly maxQueue?: number;
    /** Postbacks written in one statement. @default 512 */
    readonly maxBatch?: number;
    /**
     * Batches under way at once. More of them are smaller ones, which cost more each: worth trying where a commit takes
     * many milliseconds, or where transactions of your own keep rows of `tracker_clicks` locked, which hold up a batch.
     * @default 1
     */
    readonly concurrency?: number;
    /** Milliseconds a postback may wait for its commit before it goes to the journal, or is answered 503. @default 4500 */
    readonly timeoutMs?: number;
    /**
     * Rejected postbacks of one integration that are stored in one clock hour, by all processes together and roughly;
     * beyond it they are answered alike and counted, with one of each code stored as a sample. @default 10000
     */
    readonly maxRejectedPerHour?: number;
  };
  readonly events?: {
    /** Milliseconds one attempt of a handler may take. @default 30000 */
    readonly handlerTimeoutMs?: number;
    /** Attempts before a delivery is parked. @default 12 */
    readonly maxAttempts?: number;
    /** Milliseconds before the second attempt; doubles from there, with jitter, up to an hour. @default 1000 */
    readonly retryDelayMs?: number;
    /** Milliseconds between looks for due deliveries. @default 1000 */
    readonly pollIntervalMs?: number;
    /** Events under way at once in this process, for each handler: one that hangs holds up no other. @default 16 */
    readonly concurrency?: number;
  };
  /**
   * Where postbacks are kept while the database cannot take them: they are answered `200 deferred` and judged once it is
   * back, in the order they came.
   * @default none: they are answered 503, which networks do not repeat
   */
  readonly journal?: {
    /**
     * On a local disk that outlives the process; made if it is missing. Several processes may share it. Nothing secret is
     * in its files, but what networks send is personal data.
     */
    readonly directory: string;
    /** Bytes of this process's files, beyond which the route answers 503 after all. @default 268435456 */
    readonly maxBytes?: number;
  };
  /** Message brokers that events are handed to, each as one more durable handler. @default none */
  readonly brokers?: readonly TrackerBroker[];
  /** Where measurements go. @default nothing is measured */
  readonly metrics?: TrackerMetricsOptions;
  /**
   * How long the log is kept. Conversions and the audit trail are kept for ever: their unique keys see to it that nothing
   * is counted twice, however long ago its postback is gone.
   */
  readonly retention?: {
    /**
     * Days after its arrival until a postback is deleted, together with its events. Not before it is judged, its click is
     * no longer waited for and its events are delivered. @default kept for ever
     */
    readonly postbacksDays?: number;
    /**
     * Days after its recording until an event is deleted, with what is known of its deliveries. Not while a delivery is
     * pending; a parked one goes with it. A handler that asks for events `from: "beginning"` gets those kept.
     * @default as long as its postback
     */
    readonly eventsDays?: number;
    /** Milliseconds between two looks for rows that are old enough. @default 60000 */
    readonly sweepIntervalMs?: number;
    /** Rows looked at in one statement; few, so that no other writer waits. @default 500 */
    readonly batchSize?: number;
  };
}

/** Options that shape the module graph and so must stand beside `useFactory`, not inside it. */
export interface TrackerPostbacksExtras {
  /** Name of the host's TypeORM DataSource. @default the unnamed one */
  readonly dataSource?: string;
  /** Guards of the admin routes; without them and without `adminOpen` the admin routes do not exist. */
  readonly adminGuards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Mount the admin routes without guards of their own (a host-wide guard may protect them). @default false */
  readonly adminOpen?: boolean;
  /** Decorators for the public route's class, e.g. the host's own `@Public()` that lifts a global JWT guard. */
  readonly publicDecorators?: readonly ClassDecorator[];
}
