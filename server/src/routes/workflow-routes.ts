import { CANCEL_REASONS, isFinal, JOB_STATES } from "@jobq/core";
import type { KeptSignal, ListRunsOptions, RunHead } from "@jobq/service/workflow";
import { noJob } from "../jobs/heads.ts";
import { moduleOf } from "../modules/server-modules.ts";
import { readCursor } from "../request/read-cursor.ts";
import { type Route, reply, route } from "../route.ts";
import { anything, array, boolean, type Infer, integer, map, object, oneOf, string } from "../schema/schema.ts";
import { cursorSchema, nameSchema } from "../wire/submission.ts";
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

const keptSignalSchema = object({ name: string(), count, since: time.describe("when the oldest was sent") });
const keptSignals = array(keptSignalSchema).describe("signals that have come and that it has not waited for");

const usedSchema = object({ used: count, most: count, near: boolean });

const runFields = {
  id: string(),
  workflow: string(),
  state: oneOf(...JOB_STATES).describe("of its job; `delayed` while it waits"),
  created_at: time,
};
const runOptional = { reason: oneOf(...CANCEL_REASONS), error: string(), finished_at: time };
const runSchema = object(runFields, runOptional).named("WorkflowRun");

const list = route({
  method: "GET",
  path: "/api/v1/workflows",
  operation: "listWorkflowRuns",
  tag: "workflows",
  summary: "Runs of workflows, without those that are children of others, the newest first",
  role: "viewer",
  query: object(
    {},
    {
      id: nameSchema.describe("only the run of this id, children of others too; nothing where its job is no run"),
      workflow: nameSchema.describe("only of this name"),
      state: oneOf(...JOB_STATES),
      live: boolean.describe("only those that have not ended"),
      limit: integer({ min: 1, max: 1000 }).describe("25 by default"),
      cursor: cursorSchema,
    },
  ),
  replies: {
    200: {
      description: "a page of runs",
      schema: object({ runs: array(runSchema) }, { next_cursor: string().describe("pass it as `cursor`") }),
    },
  },
  run: async ({ backend, query: { id, workflow: name, state, live, limit = 25, cursor } }) => {
    const workflows = moduleOf(backend.settings.modules, "workflows");
    if (id !== undefined) {
      const run = await workflows.get(id);
      return reply(200, { runs: run && passes(run, { name, state, live }) ? [runForm(run)] : [] });
    }
    const before = await readCursor(backend, cursor);
    const runs = await workflows.list({ name, state, live: live || undefined, before, limit });
    return reply(200, { runs: runs.map(runForm), next_cursor: runs.length < limit ? undefined : runs.at(-1)?.id });
  },
});

const stateSchema = object(
  {
    ...runFields,
    status: anything.describe("what `ctx.setStatus` was passed last; null where it was not"),
    finished: count.describe("how many steps have finished"),
    waits_for: array(object({ kind: string(), name: string(), since: time }, { until: time })),
    kept_signals: keptSignals,
  },
  {
    ...runOptional,
    result: anything,
    parked: object(
      { code: oneOf("WORKFLOW_DRIFT", "WORKFLOW_NONDETERMINISTIC", "WORKFLOW_LIMIT"), message: string() },
      { place: string(), recorded: string(), reached: string(), used: string(), instead: string() },
    ).describe(
      "why it is parked: a step that is not the recorded one, what strict code used between its steps, or too much recorded",
    ),
  },
).named("WorkflowRunState");

const state = route({
  method: "GET",
  path: "/api/v1/workflows/{id}/state",
  operation: "getWorkflowRunState",
  tag: "workflows",
  summary: "How a workflow's run stands, and what it waits for",
  role: "viewer",
  params: jobParams,
  replies: { 200: { description: "the run", schema: stateSchema } },
  run: async ({ backend, params: { id } }) => {
    const run = await moduleOf(backend.settings.modules, "workflows").get(id);
    if (!run) throw noJob(id);
    const { status = null, finished, waitsFor, keptSignals, parked, result } = run;
    const waits = waitsFor.map(({ kind, name, since, until }) => {
      return { kind, name, since: rfc3339(since), until: rfc3339(until) };
    });
    const kept = keptSignals.map(keptSignalForm);
    return reply(200, {
      ...{ ...runForm(run), status, finished, waits_for: waits, kept_signals: kept },
      ...{ parked: parked && { ...parked }, result },
    });
  },
});

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
        kept_signals: keptSignals,
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
        ended_at: rfc3339(endedAt),
        until: rfc3339(until),
        error,
        children: children && { total: children.total, group: children.group, states: { ...children.states } },
      }),
    );
    const { steps: used, recorded } = found.limits;
    const limits = { steps: usedForm(used), recorded: usedForm(recorded) };
    const { workflow, keptSignals } = found;
    return reply(200, { id, workflow, steps, kept_signals: keptSignals.map(keptSignalForm), limits });
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

const cancel = route({
  method: "POST",
  path: "/api/v1/workflows/{id}/cancel",
  operation: "cancelWorkflowRun",
  tag: "workflows",
  summary: "Ask a run to undo what it said how to undo, and to end",
  description: "To end it at once and undo nothing, cancel its job.",
  role: "operator",
  params: jobParams,
  body: object({}, { reason: string({ max: 8192 }) }),
  bodyOptional: true,
  changes: true,
  replies: { 202: { description: "it is asked", schema: runSchema } },
  run: async ({ backend, params: { id }, body: { reason } }) => {
    const workflows = moduleOf(backend.settings.modules, "workflows");
    await workflows.cancel(id, reason || undefined);
    const run = await workflows.get(id);
    if (!run) throw noJob(id);
    return reply(202, runForm(run));
  },
});

/** The routes about workflows. */
export const workflowRoutes: readonly Route[] = [list, history, state, signal, cancel];

function passes(
  run: RunHead,
  { name, state, live }: Pick<ListRunsOptions, "name" | "state"> & { live: boolean | undefined },
): boolean {
  const isOfName = name === undefined || run.workflow === name;
  return isOfName && (state === undefined || run.state === state) && !(live && isFinal(run.state));
}

function runForm({ id, workflow, state, reason, error, createdAt, finishedAt }: RunHead): Infer<typeof runSchema> {
  return {
    ...{ id, workflow, state, reason, error },
    created_at: rfc3339(createdAt),
    finished_at: rfc3339(finishedAt),
  };
}

function keptSignalForm({ name, count, since }: KeptSignal): Infer<typeof keptSignalSchema> {
  return { name, count, since: rfc3339(since) };
}

function usedForm({ used, most, isNear }: { used: number; most: number; isNear: boolean }): typeof usedSchema.type {
  return { used, most, near: isNear };
}
