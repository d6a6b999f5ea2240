import { checkJobId, checkOptions, type JobHead, type JobId, type JobQuery, JobqError } from "@jobq/core";
import {
  checkName,
  contextOf,
  type EnqueueReceipt,
  headWithin,
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
import { checkRequests, planMembers, waitForOthers } from "./plan-members.ts";

/** A bundle that was enqueued. */
export interface BundleReceipt {
  readonly id: JobId;
  /** One for each request, in this order; a duplicate is no member. */
  readonly jobs: readonly EnqueueReceipt[];
}

/** Members that are looked through at once for bundles. */
const PAGE = 1000;

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
    const owners = await this.#ownersOf(id, requests as readonly BundleRequest[], options.within);
    const receipts = await this.#store(id, options.within, (now) => ({
      plans: planMembers(this.#context, owners, requests as readonly BundleRequest[], now, 0),
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
    const writes = options.within === undefined ? this.#context : this.#context.within(options.within);
    const outcome = await writes.commit({ now: await writes.now(), apply: [{ type: "unblock", id, by: id }] });
    if (!outcome.ok) throw refusalError(outcome, "unblock");
    if (!bundleHead(outcome.changed[0])) throw noBundle(id); // whose job was not changed by this
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
    const { limit, ...query } = listQuery(options);
    const { jobs, now } = this.#context;
    await now();
    const page = options.parent === undefined ? limit : PAGE; // members of a bundle may be jobs of any kind
    const onwards = options.order === "newest" ? "before" : "after";
    const bundles: BundleHead[] = [];
    for (let from: Pick<JobQuery, "before" | "after"> = {}; ; ) {
      const found = await jobs.find({ ...query, ...from, limit: page });
      bundles.push(...found.flatMap((job) => bundleHead(job) ?? []));
      if (found.length < page || bundles.length >= limit) return bundles.slice(0, limit);
      from = { [onwards]: found.at(-1)?.id };
    }
  }

  /**
   * Ends a bundle without its job of `onEnd`, and cancels the members that have not ended, those of nested bundles too.
   * Resolves once the bundle is canceled; its members follow, also when the process dies.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE it has ended
   */
  async cancel(id: JobId): Promise<void> {
    checkJobId(id);
    const { commit, jobs, now } = this.#context;
    const at = await now();
    if (!bundleHead((await jobs.get([id]))[0])) throw noBundle(id);
    const outcome = await commit({ now: at, apply: [{ type: "cancel", id, reason: "canceled" }] });
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
    const { parent, within } = options;
    const owners = parent === undefined ? [] : await this.#ownersOf(parent, requests, within);
    return this.#store(parent, within, (now) => {
      const [plan] = this.#context.plan([bundleRequest(name, options)], now);
      const job = bundleJob((plan as InsertPlan["plans"][0]).job, options, { name, sealed, parent });
      return { plans: [{ job }, ...planMembers(this.#context, [job.id, ...owners], requests, now, 1)] };
    });
  }

  /** The bundle and, if one of the requests could wait for those, the ones that it is in, from the inside out. */
  async #ownersOf(
    id: JobId,
    requests: readonly BundleRequest[],
    transaction: object | undefined,
  ): Promise<readonly JobId[]> {
    const owners = [id];
    if (!waitForOthers(requests)) return owners;
    for (let owner: JobId | undefined = id; owner !== undefined; ) {
      owner = (await this.#look(owner, transaction))?.parent;
      if (owner !== undefined) owners.push(owner);
    }
    return owners;
  }

  /** The job, seen by the transaction if one is given. */
  async #look(id: JobId, transaction: object | undefined): Promise<JobHead | undefined> {
    const { jobs, now, within } = this.#context;
    if (transaction === undefined) {
      await now();
      return (await jobs.get([id]))[0];
    }
    const writes = within(transaction);
    return headWithin(writes, id, await writes.now());
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
      if (!bundleHead(await this.#look(owner, within))) throw noBundle(owner);
      throw new JobqError("INVALID_STATE", `bundle ${owner} is sealed or has ended: nothing can be added`, { details });
    }
  }
}

function noBundle(id: JobId): JobqError {
  return new JobqError("JOB_NOT_FOUND", `there is no bundle ${id}`, { details: { id } });
}
