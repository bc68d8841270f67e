/** As much of a `Registry` of prom-client as it takes; tried with prom-client 15. */
export interface TrackerMetricsRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** Where measurements go, and under which names. */
export interface TrackerMetricsOptions {
  /** A `Registry` of prom-client, such as its global `register`. */
  readonly registry: TrackerMetricsRegistry;
  /**
   * Begins every name. Two modules that share a registry need two of them. @default 'tracker_'
   */
  readonly prefix?: string;
}
