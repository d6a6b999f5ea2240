import { checkJobId, checkOptions, type JobId, JobqError } from "@jobq/core";
import {
  checkName,
  contextOf,
  type EnqueueReceipt,
  type InsertPlan,
  type JobService,
  type ModuleContext,
  refusalError,
  type TopicMap,
  WRITE_OPTIONS,
  type WriteOptions,
} from "../module.ts";
import { tellBundleEvents } from "./bundle-events.ts";
import { bundleJob, bundleRequest } from "./bundle-job.ts";
import { type BundleOptions, type BundleRequest, checkBundleOptions } from "./bundle-options.ts";
import { type BundleHead, type BundleRecord, bundleHead, bundleRecord } from "./bundle-record.ts";
import { type ListOptions, listQuery } from "./list-options.ts";
import { OpenBundle } from "./open-bundle.ts";
import { checkRequests, planMembers } from "./plan-members.ts";

/** A bundle that was enqueued. */
export interface BundleReceipt {
  readonly id: JobId;
  /** One for each request, in this order; a duplicate is no member. */
  readonly jobs: readonly EnqueueReceipt[];
}

/** Services whose listeners are told of bundles. */
const told = new WeakSet<object>();

/** Bundles of a service: jobs that are tracked as one, and what is done when all of them have ended. */
export function createBundles<Topics extends TopicMap>(service: JobService<Topics>): Bundles<Topics> {
  return new Bundles(service);
}

/** Jobs that are tracked as one. Made by {@link createBundles}. */
export class Bundles<Topics extends TopicMap = Record<string, unknown>> {
  readonly #context: ModuleContext;

  /** @internal */
  constructor(service: JobService<Topics>) {
    this.#context = contextOf(service);
    if (!told.has(service)) tellBundleEvents(this.#context);
    told.add(service);
  }

  /**
   * Enqueues a sealed bundle with its members, all or none, up to 10,000.
   * @throws {JobqError} INVALID_STATE `parent` is sealed; and as `enqueueMany` does
   */
  async enqueue(
    name: string,
    requests: readonly BundleRequest<Topics>[],
    options: BundleOptions = {},
  ): Promise<BundleReceipt> {
    checkRequests(requests as readonly BundleRequest[]);
    const [bundle, ...jobs] = await this.#insert(name, requests as readonly BundleRequest[], options, true);
    return { id: bundle?.id as JobId, jobs: jobs.slice(0, requests.length) };
  }

  /**
   * Begins a bundle that takes members until it is sealed.
   * @throws {JobqError} INVALID_STATE `parent` is sealed
   */
  async open(name: string, options: BundleOptions = {}): Promise<OpenBundle<Topics>> {
    const [bundle] = await this.#insert(name, [], options, false);
    return new OpenBundle(this, bundle?.id as JobId);
  }

  /**
   * Enqueues members of an open bundle, all or none; resolves with a receipt for each, in this order.
   * @throws {JobqError} INVALID_STATE the bundle is sealed; JOB_NOT_FOUND; and as `enqueueMany` does
   */
  async add(
    id: JobId,
    requests: readonly BundleRequest<Topics>[],
    options: WriteOptions = {},
  ): Promise<EnqueueReceipt[]> {
    checkJobId(id);
    checkRequests(requests as readonly BundleRequest[]);
    checkOptions(options, WRITE_OPTIONS);
    const receipts = await this.#store(id, options.within, (now) => ({
      plans: planMembers(this.#context, id, requests as readonly BundleRequest[], now, 0),
    }));
    return receipts.slice(0, requests.length);
  }

  /**
   * Lets a bundle take no more members, so that it ends when those that there are have; a second call changes nothing.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async seal(id: JobId, options: WriteOptions = {}): Promise<void> {
    checkJobId(id);
    checkOptions(options, WRITE_OPTIONS);
    const { commit, within, now } = this.#context;
    const at = await now();
    const unit = { now: at, apply: [{ type: "unblock", id, by: id }] } as const;
    const outcome = await (options.within ? within(options.within).commit(unit) : commit(unit));
    if (!outcome.ok) throw refusalError(outcome, "unblock");
  }

  /** The bundle and the counts of its members; undefined when there is no bundle of that id. */
  async get(id: JobId): Promise<BundleRecord | undefined> {
    checkJobId(id);
    const { jobs, now } = this.#context;
    await now();
    const head = bundleHead((await jobs.get([id]))[0]);
    return head && bundleRecord(head, await jobs.tally(id));
  }

  /** Bundles without their counts, oldest first. */
  async list(options: ListOptions = {}): Promise<BundleHead[]> {
    const query = listQuery(options);
    await this.#context.now();
    const found = await this.#context.jobs.find(query);
    return found.flatMap((job) => bundleHead(job) ?? []);
  }

  /**
   * Ends a bundle without its job of `onEnd`, and cancels the members that have not ended, those of nested bundles too.
   * Resolves once the bundle is canceled; its members follow, also when the process dies.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE it has ended
   */
  async cancel(id: JobId): Promise<void> {
    checkJobId(id);
    const { commit, now } = this.#context;
    const outcome = await commit({ now: await now(), apply: [{ type: "cancel", id, reason: "canceled" }] });
    if (!outcome.ok) throw refusalError(outcome, "cancel");
  }

  async #insert(
    name: string,
    requests: readonly BundleRequest[],
    options: BundleOptions,
    sealed: boolean,
  ): Promise<EnqueueReceipt[]> {
    checkName(name, "name");
    checkBundleOptions(options);
    const { parent } = options;
    return this.#store(parent, options.within, (now) => {
      const [plan] = this.#context.plan([bundleRequest(name, options)], now);
      const job = bundleJob((plan as InsertPlan["plans"][0]).job, options, { name, sealed, parent });
      return { plans: [{ job }, ...planMembers(this.#context, job.id, requests, now, 1)] };
    });
  }

  /** Stores the plans, unless the bundle that they are added to is sealed. */
  async #store(
    owner: JobId | undefined,
    within: object | undefined,
    make: (now: number) => InsertPlan,
  ): Promise<EnqueueReceipt[]> {
    const guards = owner === undefined ? [] : [{ type: "check", id: owner, blockedBy: owner } as const];
    try {
      return await this.#context.insert((now) => ({ ...make(now), guards }), within);
    } catch (error) {
      const { code, details } = error as Partial<JobqError>;
      if (owner === undefined || code !== "INVALID_STATE" || details?.id !== owner) throw error;
      throw new JobqError("INVALID_STATE", `bundle ${owner} is sealed or has ended: nothing can be added`, { details });
    }
  }
}
