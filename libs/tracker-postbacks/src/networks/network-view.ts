import { type DecimalMark, type FieldMapping } from '../rules/recipe';
import {
  type NetworkPreset,
  type PresetCustomField,
  type PresetEvidence,
  type PresetFormField,
  type PresetPostback,
  type PresetReply,
} from './network-preset';

export interface NetworkPostbackView {
  readonly name: string;
  readonly event: string;
  readonly cost: string | null;
  readonly currency: string | null;
  readonly tid: string | null;
  readonly fields: readonly FieldMapping[];
  readonly snapshot: boolean;
}

/** A preset as the catalogue shows it. */
export interface NetworkView {
  readonly key: string;
  readonly name: string;
  readonly clickIdParameter: string;
  readonly macroSyntax: string | null;
  readonly events: readonly string[];
  readonly eventMap: Readonly<Record<string, string>>;
  readonly postbacks: readonly NetworkPostbackView[];
  readonly currency: string | null;
  readonly decimalMark: DecimalMark | null;
  readonly eventInPath: boolean;
  readonly secretPossible: boolean;
  readonly customFields: readonly PresetCustomField[];
  readonly reply: PresetReply | null;
  readonly form: readonly PresetFormField[];
  readonly notes: readonly string[];
  readonly evidence: PresetEvidence;
  readonly source: string | null;
  readonly verifiedOn: string;
}

export function networkView(preset: NetworkPreset): NetworkView {
  const { key, name, clickIdParameter, macroSyntax, eventMap, currency, decimalMark, eventInPath } = preset;
  const { customFields, reply, form, notes, evidence, source, verifiedOn } = preset;
  return {
    key,
    name,
    clickIdParameter,
    macroSyntax,
    events: preset.postbacks.map(({ event }) => event),
    eventMap,
    postbacks: preset.postbacks.map(postbackView),
    currency,
    decimalMark,
    eventInPath,
    secretPossible: !eventInPath,
    customFields,
    reply,
    form,
    notes,
    evidence,
    source,
    verifiedOn,
  };
}

function postbackView(postback: PresetPostback): NetworkPostbackView {
  return {
    name: postback.name,
    event: postback.event,
    cost: postback.cost ?? null,
    currency: postback.currency ?? null,
    tid: postback.tid ?? null,
    fields: postback.fields ?? [],
    snapshot: postback.snapshot ?? false,
  };
}
