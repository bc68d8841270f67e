import { execFileSync } from 'node:child_process';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ADAPTERS, startApplication, type TestApplication } from './setup/application';
import { createTestDatabase, type TestDatabase } from './setup/database';

type Schema = Readonly<Record<string, unknown>>;
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description?: string;
  readonly example?: unknown;
  readonly examples?: object;
  readonly schema?: Schema;
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >;
}

/** The validator is ESM only, which jest cannot load on every Node that we support; a Node of its own can. */
const VALIDATE = `
  import { Validator } from '@seriousme/openapi-schema-validator';
  import { readFileSync } from 'node:fs';
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(readFileSync(0, 'utf8')));
  console.log(JSON.stringify({ valid, errors, version: validator.version }));
`;
const validated = (document: unknown): unknown =>
  JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', VALIDATE], {
      input: JSON.stringify(document),
      encoding: 'utf8',
    }),
  );

/** Paths of the places where a schema leaves open what is known to the code. */
function untyped(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [`${path} is no schema`];
  const { $ref, type, properties, items, additionalProperties, allOf, oneOf, anyOf } = schema as Schema;
  const parts = [allOf, oneOf, anyOf].flatMap((part) => (Array.isArray(part) ? (part as unknown[]) : []));
  const inside = [
    ...parts.flatMap((part, n) => untyped(part, `${path}/of/${n}`)),
    ...Object.entries(properties ?? {}).flatMap(([name, value]) => untyped(value, `${path}/${name}`)),
    ...(items === undefined ? [] : untyped(items, `${path}/items`)),
    ...(typeof additionalProperties === 'object' ? untyped(additionalProperties, `${path}/*`) : []),
  ];
  const known =
    typeof $ref === 'string' ||
    parts.length > 0 ||
    (type === 'array' ? items !== undefined : type !== 'object' && type !== undefined) ||
    (type === 'object' && (properties !== undefined || typeof additionalProperties === 'object'));
  return known ? inside : [`${path} is untyped`, ...inside];
}

describe.each(ADAPTERS)('the OpenAPI document on %s', (adapter) => {
  let database: TestDatabase;
  let host: TestApplication;
  let document: OpenAPIObject;
  let operations: readonly (readonly [string, Operation])[];

  beforeAll(async () => {
    database = await createTestDatabase();
    host = await startApplication(database, { adapter });
    const config = new DocumentBuilder().setTitle('CRM').setVersion('1').addBearerAuth().build();
    document = JSON.parse(JSON.stringify(SwaggerModule.createDocument(host.app, config))) as OpenAPIObject;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods as Record<string, Operation>).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
  });
  afterAll(async () => {
    await host.close();
    await database.drop();
  });

  /** Every operation that fails a check, with what is missing. */
  const failing = (check: (operation: Operation, name: string) => readonly string[]): string[] =>
    operations.flatMap(([name, operation]) => check(operation, name).map((problem) => `${name}: ${problem}`));

  it('is valid OpenAPI 3', () => {
    expect(validated(document)).toEqual({ valid: true, version: '3.0' });
    expect(validated({ ...document, paths: { '/x': { get: {} } } })).toMatchObject({ valid: false });
  });

  it('holds the routes of this library below the prefix', () => {
    const names = operations.map(([name]) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'POST /api/tracker/clicks',
        'POST /api/tracker/clicks/register',
        'GET /api/tracker/clicks/{clickId}',
        'GET /api/tracker/conversions',
        'GET /api/tracker/conversions/{id}',
        'GET /api/tracker/postbacks',
        'GET /api/tracker/postbacks/{id}',
      ]),
    );
  });

  it('names every operation, each by another name', () => {
    expect(
      failing(({ operationId, summary, tags = [] }) => [
        ...(operationId === undefined || !/^[a-z][A-Za-z]+$/.test(operationId) ? ['operationId'] : []),
        ...(summary === undefined || summary === '' ? ['summary'] : []),
        ...(tags.length === 0 ? ['tags'] : []),
      ]),
    ).toEqual([]);
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
  });

  it('shows every parameter with its type, a description and an example', () => {
    expect(
      failing(({ parameters = [] }, name) => [
        ...parameters.flatMap((parameter) => {
          const { schema = {}, description = '', example, examples } = parameter;
          const shown = example !== undefined || examples !== undefined || schema['example'] !== undefined;
          return [
            ...(description === '' ? [`description of ${parameter.name}`] : []),
            ...(shown ? [] : [`example of ${parameter.name}`]),
            ...untyped(schema, parameter.name),
          ];
        }),
        ...[...name.matchAll(/\{(\w+)\}/g)].flatMap(([, placeholder = '']) =>
          parameters.some((parameter) => parameter.in === 'path' && parameter.name === placeholder)
            ? []
            : [`parameter ${placeholder}`],
        ),
      ]),
    ).toEqual([]);
  });

  it('documents each filter of the lists on its own', () => {
    const queryOf = (id: string): string[] =>
      operations
        .filter(([, { operationId }]) => operationId === id)
        .flatMap(([, { parameters = [] }]) => parameters.filter((parameter) => parameter.in === 'query'))
        .map(({ name }) => name)
        .toSorted();
    const common = 'chatId clickId cursor event from integrationId limit network test tid timeZone to'.split(
      ' ',
    );
    expect(queryOf('listConversions')).toEqual(common);
    expect(queryOf('listPostbacks')).toEqual([...common, 'code', 'q', 'status'].toSorted());
  });

  it('types every body, in and out', () => {
    expect(
      failing(({ requestBody, responses }) => [
        ...Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema }]) =>
          untyped(schema, `body ${type}`),
        ),
        ...Object.entries(responses).flatMap(([status, { content }]) => {
          if (content === undefined)
            return status === '204' || Number(status) >= 300 ? [] : [`body of ${status}`];
          return Object.entries(content).flatMap(([type, { schema }]) =>
            untyped(schema, `${status} ${type}`),
          );
        }),
      ]),
    ).toEqual([]);
    const schemas = Object.entries(document.components?.schemas ?? {});
    expect(schemas.flatMap(([name, schema]) => untyped(schema, name))).toEqual([]);
  });

  it('describes refusals of the admin routes by one schema', () => {
    expect(
      failing(({ responses }, name) => {
        const schema = responses['400']?.content?.['application/json']?.schema;
        return !name.includes('/api/tracker/') || schema?.['$ref'] === '#/components/schemas/TrackerErrorDto'
          ? []
          : ['schema of 400'];
      }),
    ).toEqual([]);
  });

  it('prefixes every schema, lest it meet one of the host', () => {
    expect(
      Object.keys(document.components?.schemas ?? {}).filter((name) => !name.startsWith('Tracker')),
    ).toEqual([]);
  });
});
