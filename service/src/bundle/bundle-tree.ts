import { type JobId, type Timestamp, wrongType } from "@jobq/core";
import {
  callsOf,
  checkInteger,
  checkName,
  checkOwnTopic,
  checkType,
  type EnqueueCall,
  type JobPlan,
  type JobRequest,
  MAX_JOBS_PER_CALL,
  type ModuleContext,
  type NameOf,
  named,
  refuseAfter,
} from "../module.ts";
import { bundlePlan, bundleRequest } from "./bundle-job.ts";
import { type BundleRequest, checkNestedBundle, type NestedBundle } from "./bundle-options.ts";

/** Requests of one bundle. */
interface Level {
  readonly requests: readonly BundleRequest[];
  /** The bundle, where it is asked for by the same call: the level of its request, and its place among all calls. */
  readonly owner: { readonly level: Level; readonly place: number } | undefined;
  /** The place of the first of them among all calls. */
  readonly first: number;
  readonly nameOf: NameOf;
}

/** What {@link BundleTree.plans} makes jobs of. */
export interface TreePlanning {
  readonly context: Pick<ModuleContext, "plan">;
  /** Those of the tree, as they came out of the middleware. */
  readonly calls: readonly EnqueueCall[];
  readonly now: Timestamp;
  /** The bundle that the first requests are members of, and those that it is in, from the inside out; if there is one. */
  readonly owners: readonly JobId[];
  /** Leaves the first request, which is a bundle, open. */
  readonly isOpen: boolean;
}

/** All that is asked for by one call: requests, then those of the bundles among them, and so on. */
export class BundleTree {
  readonly calls: readonly EnqueueCall[];
  readonly #levels: readonly Level[];

  /**
   * @param nameOf how errors name the requests
   * @param own how many of the calls nobody asked for in `requests`: the bundle itself
   * @throws {TypeError | RangeError | JobqError} as `enqueueMany` does
   */
  constructor(requests: readonly BundleRequest[], nameOf: NameOf, own: 0 | 1) {
    this.#levels = levelsFrom({ requests, owner: undefined, first: 0, nameOf }, own);
    this.calls = this.#levels
      .flatMap(({ requests, nameOf }) => callsOf(requests.map(jobRequestBy(nameOf)), nameOf))
      .map((call) => ({ ...call, partOf: "bundle" }));
  }

  /** Names the request at a place among the calls. */
  readonly nameOf: NameOf = (place) => {
    const level = [...this.#levels].reverse().find(({ first }) => first <= place) as Level;
    return level.nameOf(place - level.first);
  };

  /** The jobs that the calls ask for, each as a member of its bundle. */
  plans({ context, calls, now, owners: outermost, isOpen }: TreePlanning): JobPlan[] {
    const plans: JobPlan[] = [];
    const ownersOf = new Map<Level, readonly JobId[]>();
    for (const level of this.#levels) {
      const { requests, owner, first, nameOf } = level;
      const bundle = owner && (plans[owner.place] as JobPlan).job.id;
      const owners = owner && bundle ? [bundle, ...(ownersOf.get(owner.level) ?? [])] : outermost;
      ownersOf.set(level, owners);
      const own = calls.slice(first, first + requests.length).map((call) => ({ ...call, partOf: "bundle" as const }));
      const planned = context.plan(own, now, nameOf);
      for (const [index, plan] of planned.entries()) {
        const request = requests[index] as BundleRequest;
        const place = { sealed: !(isOpen && plans.length === 0), parent: owners[0] };
        if ("bundle" in request) {
          named(nameOf, index, () => refuseAfter(own[index] as EnqueueCall, "a bundle"));
          plans.push(bundlePlan(plan.job, request, { ...place, name: request.bundle }));
        } else plans.push(named(nameOf, index, () => member(plan, first, owners)));
      }
    }
    return plans;
  }
}

function levelsFrom(top: Level, own: 0 | 1): Level[] {
  const levels = [top];
  let places = top.requests.length;
  for (const level of levels) {
    for (const [index, request] of level.requests.entries()) {
      if (!named(level.nameOf, index, () => isNested(request))) continue;
      const { requests } = request as NestedBundle;
      const name = level.nameOf(index);
      const path = name === "" ? "requests" : `${name}.requests`;
      const owner = { level, place: level.first + index };
      levels.push({ requests, owner, first: places, nameOf: (place) => `${path}[${place}]` });
      places += requests.length;
    }
    checkInteger(places - own, "the number of requests", 0, MAX_JOBS_PER_CALL);
  }
  return levels;
}

/** @throws {TypeError | RangeError} neither a request nor a bundle */
function isNested(request: BundleRequest): request is NestedBundle {
  checkType(request, "object", "a request");
  if (!("bundle" in request)) return false;
  checkNestedBundle(request);
  checkName(request.bundle, "bundle");
  return true;
}

function jobRequestBy(nameOf: NameOf): (request: BundleRequest, place: number) => JobRequest {
  return (request, place) => named(nameOf, place, () => jobRequest(request));
}

/** @throws {TypeError | RangeError} a topic where only a module enqueues */
function jobRequest(request: BundleRequest): JobRequest {
  const job = "bundle" in request ? request.onEnd : request;
  if (job && "topic" in job && job.topic !== undefined) checkOwnTopic(job.topic);
  return "bundle" in request ? bundleRequest(request.bundle, request) : request;
}

/** Numbers in `after` stand for places among the requests of their own bundle. */
function member({ job, waits }: JobPlan, offset: number, owners: readonly JobId[]): JobPlan {
  const [owner] = owners;
  const circle = waits && owners.find((one) => waits.on.includes(one));
  if (circle !== undefined) throw wrongType("after", "free of circles", `bundle ${circle}, which waits for it`);
  const on = waits?.on.map((one) => (typeof one === "number" ? one + offset : one)) ?? [];
  return { job: { ...job, parent: owner, group: owner }, waits: waits && { ...waits, on } };
}
