import {
  checkJobId,
  checkOptions,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type Timestamp,
  wrongType,
} from "@jobq/core";
import {
  checkName,
  contextOf,
  type EnqueueCall,
  type EnqueueReceipt,
  headWithin,
  type InsertPlan,
  type JobService,
  type ModuleContext,
  refusalError,
  requestName,
  type TopicMap,
  WRITE_OPTIONS,
  type WriteOptions,
} from "../module.ts";
import { tellBundleEvents } from "./bundle-events.ts";
import { type BundleOptions, type BundleRequest, checkBundleOptions } from "./bundle-options.ts";
import { type BundleHead, type BundleRecord, bundleHead, bundleRecord } from "./bundle-record.ts";
import { BundleTree } from "./bundle-tree.ts";
import { type ListOptions, listQuery } from "./list-options.ts";
import { OpenBundle } from "./open-bundle.ts";

/** A bundle that was enqueued. */
export interface BundleReceipt {
  readonly id: JobId;
  /** A receipt for each request, in order; a duplicate is not a member. */
  readonly jobs: readonly EnqueueReceipt[];
}

/** Members that are looked through at once for bundles. */
const PAGE = 1000;

/** Services whose listeners are told of bundles. */
const told = new WeakSet<object>();

/** Returns the bundles of a service: jobs that are tracked as one, with a job that runs when all of them have ended. */
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
   * Enqueues a sealed bundle with up to 10,000 members, those of nested bundles included: all or none.
   * @throws {JobqError} INVALID_STATE if `parent` is sealed; JOB_NOT_FOUND if there is no such bundle; and those of
   * `enqueueMany`
   */
  async enqueue(
    name: string,
    requests: readonly BundleRequest<Topics>[],
    options: BundleOptions = {},
  ): Promise<BundleReceipt> {
    const [bundle, ...jobs] = await this.#begin(name, requests as readonly BundleRequest[], options, false);
    return { id: bundle?.id as JobId, jobs: jobs.slice(0, requests.length) };
  }

  /**
   * Starts a bundle that accepts members until it is sealed.
   * @throws {JobqError} INVALID_STATE if `parent` is sealed; JOB_NOT_FOUND if there is no such bundle
   */
  async open(name: string, options: BundleOptions = {}): Promise<OpenBundle<Topics>> {
    const [bundle] = await this.#begin(name, [], options, true);
    return new OpenBundle(this, bundle?.id as JobId);
  }

  /**
   * Enqueues members of an open bundle: all or none. Resolves with a receipt for each, in order.
   * @throws {JobqError} INVALID_STATE if the bundle is sealed; JOB_NOT_FOUND; and those of `enqueueMany`
   */
  async add(
    id: JobId,
    requests: readonly BundleRequest<Topics>[],
    options: WriteOptions = {},
  ): Promise<EnqueueReceipt[]> {
    checkJobId(id);
    checkRequests(requests as readonly BundleRequest[]);
    checkOptions(options, WRITE_OPTIONS);
    const tree = new BundleTree(requests as readonly BundleRequest[], requestName, 0);
    const receipts = await this.#store(tree, { owner: id, within: options.within });
    return receipts.slice(0, requests.length);
  }

  /**
   * Seals a bundle: it accepts no more members, and ends when all its members have. A second call changes nothing.
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

  /** Returns a bundle with the counts of its members; undefined if there is none of that id. */
  async get(id: JobId): Promise<BundleRecord | undefined> {
    checkJobId(id);
    const { jobs, now } = this.#context;
    await now();
    const head = bundleHead((await jobs.get([id]))[0]);
    return head && bundleRecord(head, await jobs.tally(id));
  }

  /** Lists bundles without counts, oldest first unless `order` is `newest`. */
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
   * Cancels a bundle and its live members, including those of nested bundles. Its `onEnd` job does not run. Resolves
   * once the bundle is canceled; its members follow, even if the process dies.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE if it has ended
   */
  async cancel(id: JobId): Promise<void> {
    checkJobId(id);
    const { commit, jobs, now } = this.#context;
    const at = await now();
    if (!bundleHead((await jobs.get([id]))[0])) throw noBundle(id);
    const outcome = await commit({ now: at, apply: [{ type: "cancel", id, reason: "canceled" }] });
    if (!outcome.ok) throw refusalError(outcome, "cancel");
  }

  /** Stores a bundle and its members; the first receipt is its own. */
  async #begin(
    name: string,
    requests: readonly BundleRequest[],
    options: BundleOptions,
    isOpen: boolean,
  ): Promise<EnqueueReceipt[]> {
    checkName(name, "name");
    checkRequests(requests);
    checkBundleOptions(options);
    const { parent, within, ...rules } = options;
    const tree = new BundleTree([{ ...rules, bundle: name, requests }], () => "", 1);
    return this.#store(tree, { owner: parent, within, isOpen });
  }

  /** The bundle and, if one of the calls could wait for those, the ones that it is in, from the inside out. */
  async #ownersOf(
    id: JobId,
    calls: readonly EnqueueCall[],
    transaction: object | undefined,
  ): Promise<readonly JobId[]> {
    const owners = [id];
    if (!calls.some(({ options }) => options?.after)) return owners;
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

  /** Stores what is asked for, all or none, unless the bundle that it is added to is sealed. */
  async #store(tree: BundleTree, { owner, within, isOpen = false }: TreeStoring): Promise<EnqueueReceipt[]> {
    const context = this.#context;
    let receipts: EnqueueReceipt[] = [];
    await context.throughMiddleware(tree.calls, async (calls) => {
      const owners = owner === undefined ? [] : await this.#ownersOf(owner, calls, within);
      const plan = (now: Timestamp): InsertPlan => ({
        plans: tree.plans({ context, calls, now, owners, isOpen }),
        nameOf: tree.nameOf,
      });
      receipts = await this.#insert(plan, owner, within);
      return receipts.map(({ id }) => id);
    });
    return receipts;
  }

  async #insert(
    plan: (now: Timestamp) => InsertPlan,
    owner: JobId | undefined,
    within: object | undefined,
  ): Promise<EnqueueReceipt[]> {
    const guards = owner === undefined ? [] : [{ type: "check", id: owner, blockedBy: owner } as const];
    try {
      return await this.#context.insert((now) => ({ ...plan(now), guards }), within);
    } catch (error) {
      const { code, details } = error as Partial<JobqError>;
      if (owner === undefined || code !== "INVALID_STATE" || details?.id !== owner) throw error;
      if (!bundleHead(await this.#look(owner, within))) throw noBundle(owner);
      throw new JobqError("INVALID_STATE", `bundle ${owner} is sealed or has ended: nothing can be added`, { details });
    }
  }
}

/** Where the jobs of a tree go. */
interface TreeStoring {
  /** The bundle that the first of them are added to. */
  readonly owner: JobId | undefined;
  readonly within: object | undefined;
  /** Leaves the first of them, which is a bundle, open. */
  readonly isOpen?: boolean;
}

/** @throws {TypeError} not an array of requests */
function checkRequests(requests: readonly BundleRequest[]): void {
  if (!Array.isArray(requests)) throw wrongType("requests", "an array", requests);
}

function noBundle(id: JobId): JobqError {
  return new JobqError("JOB_NOT_FOUND", `there is no bundle ${id}`, { details: { id } });
}
