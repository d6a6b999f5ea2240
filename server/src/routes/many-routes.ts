import type { CancelManyQuery, ResetManyQuery } from "@jobq/service";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, integer, map, object, string } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";
import { recordSchema } from "./record-routes.ts";

const querySchema = map(anything).describe("the query, as the library has it");
const dryRunSchema = boolean.describe("only count them; false by default");

const countReply = {
  description: "how many; with `dry_run` how many would be",
  schema: object({ count: integer({ min: 0 }) }),
};

const cancelMany = route({
  method: "POST",
  path: "/api/v1/records/cancel",
  operation: "cancelRecords",
  tag: "records",
  summary: "Cancel the live jobs that match, as the library does",
  role: "operator",
  body: object({ query: querySchema }, { reason: string({ max: 8192 }), dry_run: dryRunSchema }),
  waits: true,
  changes: true,
  replies: { 200: countReply },
  run: async ({ backend, body: { query, reason, dry_run: dryRun = false } }) => {
    return reply(200, { count: await backend.svc.cancelMany(query as CancelManyQuery, { reason, dryRun }) });
  },
});

const resetMany = route({
  method: "POST",
  path: "/api/v1/records/reset",
  operation: "resetRecords",
  tag: "records",
  summary: "Run the ended jobs that match again, as the library does",
  role: "operator",
  body: object({ query: querySchema }, { dry_run: dryRunSchema }),
  waits: true,
  changes: true,
  replies: { 200: countReply },
  run: async ({ backend, body: { query, dry_run: dryRun = false } }) => {
    return reply(200, { count: await backend.svc.resetMany(query as unknown as ResetManyQuery, { dryRun }) });
  },
});

const limits = route({
  method: "GET",
  path: "/api/v1/limits",
  operation: "listLimits",
  tag: "records",
  summary: "The limits that are in use: which jobs hold their slots, and which wait for one",
  role: "viewer",
  query: object({}, { key: nameSchema.describe("only this limit; all by default") }),
  replies: {
    200: {
      description: "by key; jobs are as the library has them, without payloads",
      schema: object({
        limits: array(
          object({
            key: string(),
            concurrency: integer({ min: 0 }),
            holders: array(recordSchema),
            waiting: array(recordSchema),
          }),
        ),
      }),
    },
  },
  run: async ({ backend, query }) => {
    const used = await backend.svc.limits(query);
    return reply(200, {
      limits: used.map(({ holders, waiting, ...limit }) => ({
        ...limit,
        holders: holders.map((job) => ({ ...job })),
        waiting: waiting.map((job) => ({ ...job })),
      })),
    });
  },
});

/** The routes by which `@jobq/server/client` acts on many jobs, and sees limits. */
export const manyRoutes: readonly Route[] = [cancelMany, resetMany, limits];
