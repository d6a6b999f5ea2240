import type { JobId } from "@jobq/core";
import type { BundleRecord, ListOptions } from "@jobq/service/bundle";
import { instantOf, orUndefined, pathOf, queryText } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** Which bundles to list, of those that are in no other. */
export type ListBundlesOptions = Pick<ListOptions, "name" | "live" | "before" | "limit">;

interface BundleForm extends Omit<BundleRecord, "createdAt" | "finishedAt" | "parent"> {
  readonly created_at: string;
  readonly finished_at?: string;
  readonly parent?: JobId;
}

/** The bundles of a server's store; they are made by programs, with the library. */
export class BundleClient {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Bundles with their counts, the newest first; at most 100 in one call. */
  async list({ before, limit = 100, ...query }: ListBundlesOptions = {}): Promise<readonly BundleRecord[]> {
    const path = `/api/v1/bundles${queryText({ ...query, cursor: before, limit })}`;
    return (await this.#transport.call<{ bundles: BundleForm[] }>("GET", path)).bundles.map(bundleRecord);
  }

  /** How far a bundle is, undefined when there is none. */
  async get(id: JobId): Promise<BundleRecord | undefined> {
    const form = await orUndefined(this.#transport.call<BundleForm>("GET", pathOf("bundles", id)));
    return form && bundleRecord(form);
  }

  /**
   * Ends a bundle, and cancels those of its members that have not ended.
   * @throws {JobqError} JOB_NOT_FOUND, INVALID_STATE it has ended
   */
  async cancel(id: JobId): Promise<void> {
    await this.#transport.call("POST", pathOf("bundles", id, "cancel"));
  }
}

function bundleRecord({ created_at: created, finished_at: finished, ...rest }: BundleForm): BundleRecord {
  return { ...rest, parent: rest.parent, createdAt: Date.parse(created), finishedAt: instantOf(finished) };
}
