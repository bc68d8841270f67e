import { type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

type Schema = Readonly<Record<string, unknown>>;

/** One admin route of the OpenAPI document, with what a request to it is made of. */
export interface AdminOperation {
  readonly name: string;
  readonly method: string;
  /** Below `/api/tracker/`, with its placeholders. */
  readonly path: string;
  /** Placeholders with the segment that stands before each: `integrations/id`. */
  readonly ids: readonly { readonly placeholder: string; readonly kind: string }[];
  readonly query: readonly string[];
  /** A body made of the document's examples; undefined where none is taken. */
  readonly body: unknown;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: Schema }>> };
}

/** Every admin route that the application documents: a route of tomorrow is among them by itself. */
export function adminOperations(app: INestApplication): readonly AdminOperation[] {
  const created = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  const document = JSON.parse(JSON.stringify(created)) as Document;
  const schemas = document.components?.schemas ?? {};
  return Object.entries(document.paths).flatMap(([fullPath, methods]) => {
    if (!fullPath.startsWith('/api/tracker/')) return [];
    const path = fullPath.slice('/api/tracker/'.length);
    return Object.entries(methods).map(([method, { parameters = [], requestBody }]): AdminOperation => {
      const schema = requestBody?.content['application/json']?.schema;
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        ids: [...path.matchAll(/([\w-]+)\/\{(\w+)\}/g)].map(([, before = '', placeholder = '']) => ({
          placeholder,
          kind: `${before}/${placeholder}`,
        })),
        query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
        body: schema === undefined ? undefined : exampleOf(schema, schemas),
      };
    });
  });
}

function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>): unknown {
  const { $ref, example, type, items, properties, allOf, oneOf, enum: values } = schema;
  if (example !== undefined) return example;
  if (schema['default'] !== undefined) return schema['default'];
  if (typeof $ref === 'string') return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  const [part] = [allOf, oneOf].flatMap((parts) => (Array.isArray(parts) ? (parts as Schema[]) : []));
  if (part !== undefined) return exampleOf(part, schemas);
  if (Array.isArray(values)) return values[0];
  if (type === 'array') return [exampleOf(items as Schema, schemas)];
  if (type === 'object') {
    return Object.fromEntries(
      Object.entries((properties ?? {}) as Record<string, Schema>).map(([name, value]) => [
        name,
        exampleOf(value, schemas),
      ]),
    );
  }
  return type === 'boolean' ? false : type === 'integer' || type === 'number' ? 1 : 'text';
}
