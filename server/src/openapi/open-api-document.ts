import type { Route } from "../route.ts";
import { type JsonSchema, JsonSchemaWriter } from "../schema/json-schema.ts";
import type { Schema } from "../schema/schema.ts";
import { errorSchema } from "../wire/error-form.ts";

/** The version of the API; it grows when its meaning changes. */
export const API_VERSION = "1.0.0";

/** What a document says of the server beside its routes. */
export interface DocumentOptions {
  readonly basePath: string;
  /** Whether a key is needed. */
  readonly keys: boolean;
}

const TAGS: Readonly<Record<string, string>> = {
  jobs: "Submit jobs, look at them, steer them.",
  topics: "The queues, by name.",
  workers: "Reserve jobs and settle them, in any language.",
  records: "Jobs as the library has them, for its own client.",
  events: "What happens, as it happens.",
  operations: "For those who run the server.",
};

const ABOUT =
  "A job queue over HTTP, wire-compatible with GopherQueue. Times are RFC 3339, durations are written as in Go " +
  '("30s", "1h30m"). In bodies, null in place of an optional field is as good as leaving it out; unknown fields are ' +
  "refused. Every error has the form of `Error`.";

/** The table of routes as an OpenAPI 3.1 document. */
export function openApiDocument(routes: readonly Route[], { basePath, keys }: DocumentOptions): JsonSchema {
  const writer = new JsonSchemaWriter();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route, writer);
    paths[route.path] = path;
  }
  const used = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: "3.1.0",
    info: { title: "jobq", version: API_VERSION, description: ABOUT, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: basePath || "/" }],
    tags: Object.entries(TAGS)
      .filter(([name]) => used.has(name))
      .map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: writer.components(),
      ...(keys
        ? {
            securitySchemes: {
              bearer: { type: "http", scheme: "bearer" },
              apiKey: { type: "apiKey", in: "header", name: "X-API-Key" },
            },
          }
        : {}),
    },
    ...(keys ? { security: [{ bearer: [] }, { apiKey: [] }] } : {}),
  };
}

function operationOf(route: Route, writer: JsonSchemaWriter): JsonSchema {
  const { operation, tag, summary, description, role, params, query, body, bodyOptional = false } = route;
  const parameters = [...parametersOf(params, "path", writer), ...parametersOf(query, "query", writer)];
  return {
    operationId: operation,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(role ? { "x-role": role } : { security: [] }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: !bodyOptional, content: jsonContent(writer.write(body)) } } : {}),
    responses: responsesOf(route, writer),
  };
}

function parametersOf(schema: Schema | undefined, place: "path" | "query", writer: JsonSchemaWriter): JsonSchema[] {
  if (schema?.rule.kind !== "object") return [];
  const { fields, required } = schema.rule;
  return Object.entries(fields).map(([name, field]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: writer.write(field),
    ...(field.description ? { description: field.description } : {}),
  }));
}

function responsesOf({ replies }: Route, writer: JsonSchemaWriter): JsonSchema {
  const responses = Object.entries(replies).map(([status, { description, schema, media }]) => {
    const content = schema ? jsonContent(writer.write(schema)) : media ? { [media]: {} } : undefined;
    return [status, { description, ...(content ? { content } : {}) }];
  });
  const failed = { description: "what went wrong", content: jsonContent(writer.write(errorSchema)) };
  return { ...Object.fromEntries(responses), default: failed };
}

function jsonContent(schema: JsonSchema): JsonSchema {
  return { "application/json": { schema } };
}
