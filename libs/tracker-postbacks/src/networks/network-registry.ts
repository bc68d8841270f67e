import { Inject, Injectable } from '@nestjs/common';
import { TrackerError, TrackerSetupError } from '../tracker-postbacks.errors';
import { type TrackerPostbacksOptions } from '../tracker-postbacks.options';
import { TRACKER_OPTIONS } from '../tracker-postbacks.tokens';
import { type NetworkPreset } from './network-preset';
import { presetProblems } from './preset-check';
import { BUILT_IN_PRESETS } from './presets';
import { customPreset } from './presets/custom.preset';

/** The network presets an application knows: those of the library and those its host registers at boot. */
@Injectable()
export class NetworkRegistry {
  private readonly presets = new Map<string, NetworkPreset>();

  constructor(@Inject(TRACKER_OPTIONS) options: Pick<TrackerPostbacksOptions, 'networks'> = {}) {
    this.register(BUILT_IN_PRESETS);
    this.register(options.networks ?? []);
  }

  /**
   * Adds presets; one with the key of a built-in preset takes its place.
   *
   * @throws {TrackerSetupError} `network_preset_invalid`, naming key and field, when a preset cannot work
   */
  register(presets: readonly NetworkPreset[]): void {
    for (const preset of presets) {
      const [problem] = presetProblems(preset);
      if (problem !== undefined) {
        const named = typeof preset.key === 'string' ? `"${preset.key}"` : 'without a key';
        throw new TrackerSetupError(
          'network_preset_invalid',
          `The network preset ${named} cannot be used: ${problem.field} ${problem.message}.`,
        );
      }
      this.presets.set(preset.key, preset);
    }
  }

  all(): readonly NetworkPreset[] {
    return [...this.presets.values()];
  }

  /** @throws {TrackerError} `not_found` */
  get(key: string): NetworkPreset {
    const preset = this.presets.get(key);
    if (preset === undefined) {
      throw new TrackerError('not_found', 404, `There is no network preset "${key.slice(0, 64)}".`);
    }
    return preset;
  }

  /** The preset that a new integration names. @throws {TrackerError} `validation_failed` */
  named(key: string): NetworkPreset {
    const preset = this.presets.get(key);
    if (preset !== undefined) return preset;
    const message = `network has to be one of ${[...this.presets.keys()].join(' ')}`;
    throw new TrackerError('validation_failed', 400, `Not accepted: ${message}.`, [
      { field: 'network', message, allowed: [...this.presets.keys()] },
    ]);
  }

  /** The preset of an existing integration; where a host has dropped it, nothing network-specific is assumed. */
  forIntegration(key: string): NetworkPreset {
    return this.presets.get(key) ?? customPreset;
  }
}
