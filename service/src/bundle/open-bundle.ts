import type { JobId } from "@jobq/core";
import type { EnqueueReceipt, TopicMap, WriteOptions } from "../module.ts";
import type { BundleRequest } from "./bundle-options.ts";
import type { Bundles } from "./bundles.ts";

/** A bundle that accepts members until it is sealed. */
export class OpenBundle<Topics extends TopicMap = Record<string, unknown>> {
  readonly id: JobId;
  readonly #bundles: Bundles<Topics>;

  /** @internal */
  constructor(bundles: Bundles<Topics>, id: JobId) {
    this.#bundles = bundles;
    this.id = id;
  }

  /**
   * Enqueues members: all or none. Resolves with a receipt for each, in order.
   * @throws {JobqError} INVALID_STATE if the bundle is sealed; and those of `enqueueMany`
   */
  add(requests: readonly BundleRequest<Topics>[], options?: WriteOptions): Promise<EnqueueReceipt[]> {
    return this.#bundles.add(this.id, requests, options);
  }

  /**
   * Seals the bundle: it accepts no more members, and ends when all its members have. A second call changes nothing.
   * @throws {JobqError} JOB_NOT_FOUND if it was removed
   */
  seal(options?: WriteOptions): Promise<void> {
    return this.#bundles.seal(this.id, options);
  }
}
