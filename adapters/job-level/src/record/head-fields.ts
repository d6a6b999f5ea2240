import type { JobId, JobLimit, UniqueSpan } from "@jobq/core";
import type { StatusFields } from "./status-fields.ts";

/** What few jobs have of what is decided at enqueue. */
export interface RareSpec {
  readonly expiresAt?: number | undefined;
  readonly unique?: string | undefined;
  readonly uniqueSpan?: UniqueSpan | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly parent?: JobId | undefined;
  readonly group?: string | undefined;
  readonly limit?: JobLimit | undefined;
  readonly data?: string | undefined;
}

/** A head as a list. */
export type HeadFields = readonly [
  batch: number,
  topic: string,
  name: string | 0,
  weight: number,
  createdAt: number,
  maxRetries: number,
  maxLeaseLosses: number,
  timeoutMs: number,
  rare: RareSpec | 0,
  status: StatusFields,
  /** Characters of the payload in the record, -1 when that has a record of its own. */
  payload: number,
  /** Likewise, but -1 also when there is none. */
  result: number,
];
