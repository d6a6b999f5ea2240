import { noJob } from "../jobs/heads.ts";
import { moduleOf } from "../modules/server-modules.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, integer, map, object, oneOf, string } from "../schema/schema.ts";
import { nameSchema } from "../wire/submission.ts";
import { rfc3339 } from "../wire/timestamps.ts";
import { jobParams } from "./job-routes.ts";

const count = integer({ min: 0 });
const time = string({ format: "date-time" });

const stepSchema = object(
  {
    place: string(),
    kind: string(),
    name: string(),
    state: oneOf("done", "failed", "waiting"),
    started_at: time,
    tries: count,
  },
  {
    ended_at: time,
    until: time.describe("until when it sleeps, pauses or waits"),
    error: object({ name: string(), message: string() }, { stack: string(), data: map(anything) }),
    children: object({ total: count, group: string(), states: map(count) }),
  },
).named("WorkflowStep");

const usedSchema = object({ used: count, most: count, near: boolean });

const history = route({
  method: "GET",
  path: "/api/v1/workflows/{id}",
  operation: "getWorkflowRun",
  tag: "workflows",
  summary: "The steps of a workflow's run; none before it has begun",
  role: "viewer",
  params: jobParams,
  replies: {
    200: {
      description: "the run, without values: those are part of its job's history in the library",
      schema: object({
        id: string(),
        workflow: string(),
        steps: array(stepSchema),
        limits: object({ steps: usedSchema, recorded: usedSchema }),
      }),
    },
  },
  run: async ({ backend, params: { id } }) => {
    const found = await moduleOf(backend.settings.modules, "workflows").history(id);
    if (!found) throw noJob(id);
    const steps = found.steps.map(
      ({ place, kind, name, state, startedAt, tries, endedAt, until, error, children }) => ({
        place,
        kind,
        name,
        state,
        started_at: rfc3339(startedAt),
        tries,
        ended_at: endedAt === undefined ? undefined : rfc3339(endedAt),
        until: until === undefined ? undefined : rfc3339(until),
        error,
        children: children && { total: children.total, group: children.group, states: { ...children.states } },
      }),
    );
    const { steps: used, recorded } = found.limits;
    const limits = { steps: usedForm(used), recorded: usedForm(recorded) };
    return reply(200, { id, workflow: found.workflow, steps, limits });
  },
});

const signal = route({
  method: "POST",
  path: "/api/v1/workflows/{id}/signals/{signal}",
  operation: "signalWorkflowRun",
  tag: "workflows",
  summary: "Send a value to a run that waits for it, or will",
  role: "operator",
  params: object({ id: nameSchema, signal: nameSchema }),
  body: object({}, { value: anything }),
  bodyOptional: true,
  changes: true,
  replies: { 202: { description: "it is stored", schema: object({ id: string(), signal: string() }) } },
  run: async ({ backend, params: { id, signal: name }, body: { value } }) => {
    await moduleOf(backend.settings.modules, "workflows").signal(id, name, value);
    return reply(202, { id, signal: name });
  },
});

/** The routes about workflows. */
export const workflowRoutes: readonly Route[] = [history, signal];

function usedForm({ used, most, isNear }: { used: number; most: number; isNear: boolean }): typeof usedSchema.type {
  return { used, most, near: isNear };
}
