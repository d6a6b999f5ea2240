import type { JobId } from "@jobq/core";
import type { BundleRecord, ListOptions } from "@jobq/service/bundle";
import { instantOf, orUndefined, pathOf, queryText } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** Which top-level bundles to list. */
export type ListBundlesOptions = Pick<ListOptions, "name" | "live" | "before" | "limit">;

interface BundleForm extends Omit<BundleRecord, "createdAt" | "finishedAt" | "parent"> {
  readonly created_at: string;
  readonly finished_at?: string;
  readonly parent?: JobId;
}

/** Reads and cancels the bundles of a server's store. Programs create them, with the library. */
export class BundleClient {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Returns bundles with their counts, newest first; at most 100 per call. */
  async list({ before, limit = 100, ...query }: ListBundlesOptions = {}): Promise<readonly BundleRecord[]> {
    const path = `/api/v1/bundles${queryText({ ...query, cursor: before, limit })}`;
    return (await this.#transport.call<{ bundles: BundleForm[] }>("GET", path)).bundles.map(bundleRecord);
  }

  /** Returns a bundle with its counts and progress; undefined if it does not exist. */
  async get(id: JobId): Promise<BundleRecord | undefined> {
    const form = await orUndefined(this.#transport.call<BundleForm>("GET", pathOf("bundles", id)));
    return form && bundleRecord(form);
  }

  /**
   * Cancels a bundle and its live members.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it has ended
   */
  async cancel(id: JobId): Promise<void> {
    await this.#transport.call("POST", pathOf("bundles", id, "cancel"));
  }
}

function bundleRecord({ created_at: created, finished_at: finished, ...rest }: BundleForm): BundleRecord {
  return { ...rest, parent: rest.parent, createdAt: Date.parse(created), finishedAt: instantOf(finished) };
}
