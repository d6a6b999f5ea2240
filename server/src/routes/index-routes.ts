import { ROLES } from "../access/roles.ts";
import { MODULE_NAMES } from "../modules/server-modules.ts";
import { API_VERSION, openApiDocument } from "../openapi/open-api-document.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, map, object, oneOf, string } from "../schema/schema.ts";
import { rfc3339 } from "../wire/timestamps.ts";

const FEATURES = [
  "priorities, delays, retries, idempotency keys",
  "batches of up to 1,000 jobs, atomic if asked for",
  "long polling for the end of a job",
  "Server-Sent Events that go on where they were cut off",
  "workers in any language, by reserve and the token of a reservation",
  "API keys with roles",
];

const index = route({
  method: "GET",
  path: "/api/v1",
  operation: "index",
  tag: "operations",
  summary: "What this API is and has",
  role: "viewer",
  replies: {
    200: {
      description: "its name, version and routes",
      schema: object({ name: string(), version: string(), endpoints: map(string()), features: array(string()) }),
    },
  },
  run: ({ backend }) => {
    const endpoints = backend.routes.map(({ method, path, summary }) => [`${method} ${path}`, summary] as const);
    const body = { name: "jobq", version: API_VERSION, endpoints: Object.fromEntries(endpoints), features: FEATURES };
    return reply(200, body);
  },
});

const document = route({
  method: "GET",
  path: "/api/v1/openapi.json",
  operation: "openapi",
  tag: "operations",
  summary: "This API as an OpenAPI 3.1 document",
  role: "viewer",
  replies: { 200: { description: "the document", schema: map(anything) } },
  run: ({ backend }) =>
    reply(
      200,
      openApiDocument(backend.routes, {
        basePath: backend.settings.basePath,
        keys: backend.settings.access === "keys",
      }),
    ),
});

const me = route({
  method: "GET",
  path: "/api/v1/me",
  operation: "me",
  tag: "operations",
  summary: "Who calls, and what the caller may do",
  role: "viewer",
  replies: {
    200: {
      description: "the caller",
      schema: object({
        name: string().describe("of the key; anonymous where the server asks for none"),
        role: oneOf(...ROLES),
        modules: array(oneOf(...MODULE_NAMES)).describe("which of these the server was given"),
        access: oneOf("keys", "loopback", "open").describe("whom the server serves"),
        now: string({ format: "date-time" }).describe("the time of the store"),
      }),
    },
  },
  run: ({ backend, caller: { name, role } }) =>
    reply(200, {
      name,
      role,
      modules: MODULE_NAMES.filter((module) => backend.settings.modules[module]),
      access: backend.settings.access,
      now: rfc3339(backend.clock.now()),
    }),
});

/** The routes that say what there is. */
export const indexRoutes: readonly Route[] = [index, document, me];
