import { ConfigurableModuleBuilder } from '@nestjs/common';
import { type TrackerPostbacksExtras, type TrackerPostbacksOptions } from './tracker-postbacks.options';
import { registration } from './tracker-postbacks.registration';
import { TRACKER_OPTIONS } from './tracker-postbacks.tokens';

/** @internal */
export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<TrackerPostbacksOptions>({
  optionsInjectionToken: TRACKER_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<TrackerPostbacksExtras>({}, registration)
  .build();
