import { type Job, type JobId, type Timestamp, wrongType } from "@jobq/core";
import {
  checkInteger,
  checkName,
  checkType,
  type JobPlan,
  type JobRequest,
  MAX_JOBS_PER_CALL,
  type ModuleContext,
  type TopicRequest,
} from "../module.ts";
import { bundleJob, bundleRequest } from "./bundle-job.ts";
import { type BundleRequest, checkNestedBundle, type NestedBundle } from "./bundle-options.ts";

/** Requests of one bundle that are not planned yet. */
interface Level {
  /** The bundle, and those that it is in, from the inside out. */
  readonly owners: readonly JobId[];
  readonly requests: readonly BundleRequest[];
}

/**
 * The jobs that become members of a bundle, those of bundles among them after these.
 * @param owners the bundle, and those that it is in, from the inside out
 * @param first the place of the first of them among all plans of the call
 * @throws {TypeError | RangeError | JobqError} as `enqueueMany` does
 */
export function planMembers(
  context: Pick<ModuleContext, "plan">,
  owners: readonly JobId[],
  requests: readonly BundleRequest[],
  now: Timestamp,
  first: number,
): JobPlan[] {
  const plans: JobPlan[] = [];
  const levels: Level[] = [{ owners, requests }];
  for (let level = levels.shift(); level; level = levels.shift()) {
    checkInteger(plans.length + level.requests.length, "the number of requests", 0, MAX_JOBS_PER_CALL);
    const offset = first + plans.length;
    for (const [index, plan] of context.plan(level.requests.map(jobRequest), now).entries()) {
      const request = level.requests[index] as BundleRequest;
      plans.push({ ...moved(plan, offset, level.owners), job: member(plan.job, request, level.owners[0] as JobId) });
      if (isNested(request)) levels.push({ owners: [plan.job.id, ...level.owners], requests: request.requests });
    }
  }
  return plans;
}

/** True when one of them, or of those of bundles among them, waits for other jobs; they need not be checked yet. */
export function waitForOthers(requests: unknown): boolean {
  if (!Array.isArray(requests)) return false;
  return (requests as (Partial<NestedBundle & TopicRequest<object, never>> | null)[]).some(
    (request) => request?.options?.after !== undefined || waitForOthers(request?.requests),
  );
}

/** @throws {TypeError} not an array of requests */
export function checkRequests(requests: readonly BundleRequest[]): void {
  if (!Array.isArray(requests)) throw wrongType("requests", "an array", requests);
}

function isNested(request: BundleRequest): request is NestedBundle {
  return "bundle" in request;
}

function jobRequest(request: BundleRequest): JobRequest {
  checkType(request, "object", "a request");
  if (isNested(request)) {
    checkNestedBundle(request);
    return bundleRequest(checkName(request.bundle, "bundle"), request);
  }
  return request;
}

function member(job: Job, request: BundleRequest, owner: JobId): Job {
  if (!isNested(request)) return { ...job, parent: owner, group: owner };
  return bundleJob(job, request, { name: request.bundle, sealed: true, parent: owner });
}

/** Numbers in `after` stand for places among the requests of their own bundle. */
function moved(plan: JobPlan, offset: number, owners: readonly JobId[]): JobPlan {
  const { waits } = plan;
  const circle = waits && owners.find((owner) => waits.on.includes(owner));
  if (circle !== undefined) throw wrongType("after", "free of circles", `bundle ${circle}, which waits for it`);
  if (!waits || offset === 0) return plan;
  return { ...plan, waits: { ...waits, on: waits.on.map((on) => (typeof on === "number" ? on + offset : on)) } };
}
