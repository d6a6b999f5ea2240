import type { BundleHead, BundleRecord } from "@jobq/service/bundle";
import { noJob } from "../jobs/heads.ts";
import { moduleOf } from "../modules/server-modules.ts";
import { readCursor } from "../request/read-cursor.ts";
import { type Route, reply, route } from "../route.ts";
import { array, boolean, type Infer, integer, number, object, oneOf, string } from "../schema/schema.ts";
import { cursorSchema, nameSchema } from "../wire/submission.ts";
import { rfc3339 } from "../wire/timestamps.ts";
import { jobParams } from "./job-routes.ts";

const count = integer({ min: 0 });
const time = string({ format: "date-time" });

const bundleSchema = object(
  {
    id: string(),
    name: string(),
    sealed: boolean.describe("whether nothing can be added any more"),
    state: oneOf("delayed", "ready", "reserved", "done", "canceled").describe("delayed until all members have ended"),
    created_at: time,
    total: count,
    done: count,
    canceled: count,
    live: count,
    progress: number({ min: 0, max: 1 }).describe("the share of the members that have ended"),
  },
  { finished_at: time, parent: string() },
).named("Bundle");

const list = route({
  method: "GET",
  path: "/api/v1/bundles",
  operation: "listBundles",
  tag: "bundles",
  summary: "Bundles that are in no other, the newest first",
  role: "viewer",
  query: object({}, { name: nameSchema, live: boolean, limit: integer({ min: 1, max: 100 }), cursor: cursorSchema }),
  replies: {
    200: {
      description: "a page of bundles",
      schema: object({ bundles: array(bundleSchema) }, { next_cursor: string().describe("pass it as `cursor`") }),
    },
  },
  run: async ({ backend, query: { name, live, limit = 25, cursor } }) => {
    const before = await readCursor(backend, cursor);
    const bundles = moduleOf(backend.settings.modules, "bundles");
    const heads = await bundles.list({ name, live: live || undefined, before, limit, order: "newest" });
    const known = await Promise.all(heads.map(({ id }: BundleHead) => bundles.get(id)));
    const forms = known.flatMap((bundle) => (bundle ? [bundleForm(bundle)] : []));
    return reply(200, { bundles: forms, next_cursor: heads.length < limit ? undefined : heads.at(-1)?.id });
  },
});

const get = route({
  method: "GET",
  path: "/api/v1/bundles/{id}",
  operation: "getBundle",
  tag: "bundles",
  summary: "A bundle and how far its members are",
  role: "viewer",
  params: jobParams,
  replies: { 200: { description: "the bundle", schema: bundleSchema } },
  run: async ({ backend, params: { id } }) => {
    const bundle = await moduleOf(backend.settings.modules, "bundles").get(id);
    if (!bundle) throw noJob(id);
    return reply(200, bundleForm(bundle));
  },
});

const cancel = route({
  method: "POST",
  path: "/api/v1/bundles/{id}/cancel",
  operation: "cancelBundle",
  tag: "bundles",
  summary: "End a bundle, and cancel those of its members that have not ended",
  role: "operator",
  params: jobParams,
  changes: true,
  replies: { 200: { description: "the bundle; its members follow", schema: bundleSchema } },
  run: async ({ backend, params: { id } }) => {
    const bundles = moduleOf(backend.settings.modules, "bundles");
    await bundles.cancel(id);
    const bundle = await bundles.get(id);
    if (!bundle) throw noJob(id);
    return reply(200, bundleForm(bundle));
  },
});

/** The routes about bundles. */
export const bundleRoutes: readonly Route[] = [list, get, cancel];

function bundleForm(bundle: BundleRecord): Infer<typeof bundleSchema> {
  const { id, name, sealed, state, total, done, canceled, live, progress, createdAt, finishedAt, parent } = bundle;
  return {
    ...{ id, name, sealed, state, total, done, canceled, live, progress, parent },
    created_at: rfc3339(createdAt),
    finished_at: rfc3339(finishedAt),
  };
}
