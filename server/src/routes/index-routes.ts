import { API_VERSION, openApiDocument } from "../openapi/open-api-document.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, map, object, string } from "../schema/schema.ts";

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

/** The routes that say what there is. */
export const indexRoutes: readonly Route[] = [index, document];
