import { Inject, Injectable } from '@nestjs/common';
import { NearMisses } from '../clicks/near-misses';
import { lintTarget } from '../doctor/integration-target';
import { LintDraft } from '../doctor/lint-draft';
import { type LintTarget, purposeOf } from '../doctor/lint-target';
import { lintNames, splitAppended } from '../doctor/name-lint.rule';
import { type PastedUrl } from '../doctor/pasted-url.rule';
import { readingView } from '../doctor/template-reading.rule';
import { urlDiff, type UrlDiff } from '../doctor/url-diff.rule';
import { type CompiledIntegration, compileIntegration } from '../integrations/integration-recipe';
import { configRows } from '../integrations/integration-rows';
import { IntegrationStore } from '../integrations/integration-store';
import { TrackerIntegration } from '../integrations/integration.entity';
import { type TrackerPostback } from '../postbacks/postback.entity';
import { type PostbackReply, replyOf } from '../postbacks/postback-reply';
import { type Parameter, parametersOf } from '../rules/parameters.rule';
import { type PostbackRequest, type Reading } from '../rules/reading';
import { read } from '../rules/reading.rule';
import {
  type PostbackExplanationView,
  type TrackerPostbackParameterDto,
  type TrackerSentReplyDto,
} from './postback-explanation.dto';

interface Known {
  readonly compiled: CompiledIntegration;
  readonly target: LintTarget;
}

/** Reads a stored request again and says what it holds, beside what its integration expects. Changes nothing. */
@Injectable()
export class PostbackExplanation {
  constructor(
    @Inject(IntegrationStore) private readonly integrations: IntegrationStore,
    @Inject(NearMisses) private readonly nearMisses: NearMisses,
  ) {}

  async of(row: TrackerPostback): Promise<PostbackExplanationView> {
    const request = requestOf(row);
    const known = row.erasedAt === null ? await this.known(row) : null;
    if (known === null) return { parameters: [], reading: null, diff: null, nearMisses: [], reply: null };
    const { compiled, target } = known;
    const { parameters } = parametersOf(request);
    const reading = readOrNull(request, compiled);
    return {
      parameters: parameters.map((parameter) => parameterView(parameter, compiled)),
      reading: reading === null ? null : readingView(reading),
      diff: reading === null ? null : diffOf(request, parameters, reading, target),
      nearMisses:
        row.code === 'click_unknown' && row.clickId !== null
          ? await this.nearMisses.of(row.tenantId, row.clickId)
          : [],
      // What an operator sends by hand is answered to him alone.
      reply: row.method === 'MANUAL' ? null : replyView(replyOf(outcomeOf(row, compiled))),
    };
  }

  private async known({ integrationId, tenantId }: TrackerPostback): Promise<Known | null> {
    const { manager } = this.integrations;
    const row = await manager.findOneBy(TrackerIntegration, { id: integrationId, tenantId });
    if (row === null) return null;
    const configs = (await configRows(manager, [row.id])).get(row.id) ?? [];
    const { preset, address, now } = this.integrations.context(row);
    const compiled = compileIntegration(row, configs, preset);
    return {
      compiled,
      target: lintTarget({ row, compiled, configs, preset, address, now, others: new Map() }),
    };
  }
}

/** A row that waits because reading it failed has to be shown all the same. */
function readOrNull(request: PostbackRequest, { recipe }: CompiledIntegration): Reading | null {
  try {
    return read(request, recipe);
  } catch {
    return null;
  }
}

function requestOf({ target, pathEvent, bodyType, body }: TrackerPostback): PostbackRequest {
  return { target, pathEvent, body: bodyType === null ? null : { type: bodyType, text: body ?? '' } };
}

function parameterView(
  { name, value, source }: Parameter,
  { recipe }: CompiledIntegration,
): TrackerPostbackParameterDto {
  if (source === 'path') return { name, value, source, role: 'event', field: null };
  const purpose = purposeOf(name, recipe);
  return {
    name,
    value,
    source,
    role: purpose.kind === 'role' ? purpose.role : null,
    field: purpose.kind === 'field' ? purpose.key : null,
  };
}

/** Parameters of a body count like those of the query: the ready URL does not tell them apart. */
function diffOf(
  { pathEvent }: PostbackRequest,
  parameters: readonly Parameter[],
  { event, warnings }: Reading,
  target: LintTarget,
): UrlDiff {
  const url: PastedUrl = {
    scheme: null,
    host: null,
    path: null,
    integrationId: target.id,
    // A network that says the event in a parameter of its own means the ready URL of that event.
    pathEvent: pathEvent ?? (event.kind === 'event' ? event.name : null),
    parameters: parameters.flatMap(({ name, raw, source }) =>
      source === 'path' ? [] : [{ rawName: encodeURIComponent(name), raw }],
    ),
    questionMarkMissing: false,
  };
  const draft = new LintDraft(target, url.parameters, url.pathEvent);
  splitAppended(draft);
  const misspelt = lintNames(draft);
  const unreplaced = warnings.flatMap(({ code, parameter }) =>
    code === 'macro_unreplaced' && parameter !== null ? [parameter] : [],
  );
  const diff = urlDiff(url, target, misspelt, [...new Set(unreplaced)]);
  // The secret is taken out before a request is stored: whether it was there is told by the verdict.
  return { ...diff, missing: diff.missing.filter((name) => name !== 'key') };
}

function outcomeOf(row: TrackerPostback, integration: CompiledIntegration): Parameters<typeof replyOf>[0] {
  return {
    kind: 'judged',
    postbackId: row.id,
    integration,
    status: row.status,
    code: row.code,
    parameter: row.messageParameter,
    args: row.messageArgs ?? undefined,
    event: row.event,
    conversionId: row.conversionId,
    warnings: row.warnings ?? [],
  };
}

function replyView({ status, contentType, body }: PostbackReply): TrackerSentReplyDto {
  return { status, contentType, body: typeof body === 'string' ? body : null };
}
