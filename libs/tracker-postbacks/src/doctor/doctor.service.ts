import { Inject, Injectable } from '@nestjs/common';
import { uuidOrNull } from '../admin/validation';
import { configRows } from '../integrations/integration-rows';
import { type CompiledIntegration, compileIntegration } from '../integrations/integration-recipe';
import { IntegrationStore } from '../integrations/integration-store';
import { TrackerIntegration } from '../integrations/integration.entity';
import { type WarningCode } from '../rules/codes';
import { type Locale, messageOf } from '../rules/messages';
import { type PostbackRequest } from '../rules/reading';
import { TrackerError } from '../tracker-postbacks.errors';
import { type TrackerScope } from '../tracker-postbacks.options';
import { CustomFieldKeys } from './custom-field-keys';
import { DepositTwins } from './deposit-twins';
import { DryJudge, type DryRunVerdict } from './dry-judge';
import { type Examination, examine, pastedIntegrationId } from './examination.rule';
import { type Finding } from './finding-codes';
import { type FindingView, findingView } from './finding-message';
import { lintIntegration, type UrlFacts } from './integration-lint.rule';
import { lintTarget } from './integration-target';
import { type LintTarget } from './lint-target';
import { queryOf } from './pasted-url.rule';
import { readingView, type ReadingView, readTemplate } from './template-reading.rule';
import { NO_DIFF, type UrlDiff, urlDiff } from './url-diff.rule';

/** What {@link TrackerDoctor.dryRun} is asked. */
export interface DryRunQuestion {
  /** As it was pasted: at most 16 KB. */
  readonly url: string;
  /** @default `template` where the event or the click id holds a macro */
  readonly as?: 'template' | 'received' | undefined;
}

/** Whose integration is looked at, and in which language the doctor answers. */
export interface TrackerDoctorScope extends TrackerScope {
  /** @default 'en' */
  readonly locale?: Locale;
}

/** The doctor's answer. */
export interface DryRun {
  readonly kind: 'postback' | 'registration_link';
  readonly as: 'template' | 'received';
  /** Null for a template and for a registration link. */
  readonly verdict: DryRunVerdict | null;
  /** Null for a registration link. */
  readonly reading: ReadingView | null;
  readonly warnings: readonly {
    readonly code: WarningCode;
    readonly parameter: string | null;
    readonly message: string;
  }[];
  readonly diff: UrlDiff;
  readonly findings: readonly FindingView[];
  /** The URL without the findings about it; a secret stands as `•••`. */
  readonly correctedUrl: string;
}

type PastedPostback = Extract<Examination, { kind: 'postback' }>;

interface Patient {
  readonly row: TrackerIntegration;
  readonly compiled: CompiledIntegration;
  readonly target: LintTarget;
}

const UNREPLACED: ReadonlySet<string> = new Set([
  'macro_encoded',
  'macro_syntax',
  'macro_not_supported',
  'macro_braces_lost',
  'our_macro_on_postback',
]);

/**
 * Says what is wrong with a postback URL or a registration link, what it would do, and what it should be. Nothing is
 * changed, recorded, announced or fetched.
 *
 * @example
 * const { findings, correctedUrl } = await doctor.dryRun(integrationId, { url: pasted });
 */
@Injectable()
export class TrackerDoctor {
  constructor(
    @Inject(IntegrationStore) private readonly integrations: IntegrationStore,
    @Inject(DryJudge) private readonly judge: DryJudge,
    @Inject(DepositTwins) private readonly twins: DepositTwins,
    @Inject(CustomFieldKeys) private readonly customFields: CustomFieldKeys,
  ) {}

  /**
   * Looks at a pasted URL.
   *
   * @throws {TrackerError} `not_found`; `url_invalid` where the text is no URL and no query, is longer than 16 KB or
   * holds credentials
   */
  async dryRun(id: string, { url, as }: DryRunQuestion, scope: TrackerDoctorScope = {}): Promise<DryRun> {
    const patient = await this.patient(id, url, scope);
    const examination = examine(url, patient.target, as ?? null);
    if (examination.kind === 'invalid') {
      throw new TrackerError('url_invalid', 400, `The URL ${examination.reason}.`, [
        { field: 'url', message: `url ${examination.reason}` },
      ]);
    }
    return examination.kind === 'link'
      ? this.linkAnswer(examination, patient, scope)
      : this.postbackAnswer(examination, patient, scope);
  }

  private async patient(id: string, url: string, scope: TrackerDoctorScope): Promise<Patient> {
    const row = await this.integrations.row(id, scope);
    const { manager } = this.integrations;
    const configs = (await configRows(manager, [row.id])).get(row.id) ?? [];
    const { preset, address, now } = this.integrations.context(row);
    const compiled = compileIntegration(row, configs, preset);
    const others = await this.others(row, url);
    return { row, compiled, target: lintTarget({ row, compiled, configs, preset, address, others, now }) };
  }

  /** The name of the tenant's integration that the pasted URL belongs to, where it is not this one. */
  private async others(
    { id, tenantId }: TrackerIntegration,
    url: string,
  ): Promise<ReadonlyMap<string, string>> {
    const pasted = uuidOrNull(pastedIntegrationId(url) ?? '');
    if (pasted === null || pasted === id) return new Map();
    const other = await this.integrations.manager.findOneBy(TrackerIntegration, { id: pasted, tenantId });
    return new Map(other === null ? [] : [[other.id, other.name]]);
  }

  private async linkAnswer(
    { findings, correctedUrl }: Extract<Examination, { kind: 'link' }>,
    patient: Patient,
    scope: TrackerDoctorScope,
  ): Promise<DryRun> {
    return {
      kind: 'registration_link',
      as: 'template',
      verdict: null,
      reading: null,
      warnings: [],
      diff: NO_DIFF,
      findings: await this.inWords(findings, patient, null, scope),
      correctedUrl,
    };
  }

  private async postbackAnswer(
    pasted: PastedPostback,
    patient: Patient,
    scope: TrackerDoctorScope,
  ): Promise<DryRun> {
    const { as, url, misspelt, findings, correctedUrl } = pasted;
    const { target } = patient;
    const request: PostbackRequest = {
      target: `${url.path ?? '/'}?${queryOf(url.parameters)}`,
      pathEvent: url.pathEvent,
      body: null,
    };
    const judged =
      as === 'received'
        ? await this.judge.judge(request, pasted.secrets, patient, scope.locale ?? 'en')
        : null;
    const reading = judged?.reading ?? readTemplate(request, target.recipe);
    const warnings = judged?.warnings ?? reading.warnings;
    const view = readingView(reading);
    const unreplaced = [
      ...findings.filter(({ code }) => UNREPLACED.has(code)),
      ...warnings.filter(({ code }) => code === 'macro_unreplaced'),
    ].flatMap(({ parameter }) => (parameter === null ? [] : [parameter]));
    const facts: UrlFacts = {
      event: view.event,
      fieldKeys: Object.keys(view.fields),
      hasCurrency: view.currency !== null,
    };
    return {
      kind: 'postback',
      as,
      verdict: judged?.verdict ?? null,
      reading: view,
      warnings: warnings.map(({ code, parameter, args }) => ({
        code,
        parameter,
        message: messageOf(code, scope.locale ?? 'en', args, parameter),
      })),
      diff: urlDiff(url, target, misspelt, [...new Set(unreplaced)]),
      findings: await this.inWords(findings, patient, facts, scope),
      correctedUrl,
    };
  }

  private async inWords(
    findings: readonly Finding[],
    { row, compiled, target }: Patient,
    url: UrlFacts | null,
    scope: TrackerDoctorScope,
  ): Promise<readonly FindingView[]> {
    const [twins, customFields] = await Promise.all([
      this.twins.of(row.tenantId, row.id),
      this.customFields.of(row.tenantId),
    ]);
    const { defaultCurrency, presetCurrency } = compiled.recipe;
    const facts = {
      status: row.status,
      isArchived: row.deletedAt !== null,
      isGuarded: compiled.secretHashes.length > 0 || row.allowedAddresses !== null,
      allowedEvents: row.allowedEvents,
      hasCurrency: defaultCurrency !== null || presetCurrency !== null,
      twins,
      customFields,
    };
    const all = [...findings, ...lintIntegration(target, facts, url)];
    return all.map((finding) => findingView(finding, scope.locale ?? 'en'));
  }
}
