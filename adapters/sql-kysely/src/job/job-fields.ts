import { backoffOf, type Job, type JobHead } from "@jobq/core";
import type { Update } from "../commit/staged-commit.ts";
import { type Fields, toRows } from "../statement/rows.ts";
import type { Rows } from "../statement/statement.ts";
import { maybeToText, toText } from "../statement/text.ts";

/** A value that is kept as JSON, if there is one. */
export function maybeToJson(value: object | undefined): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}

/** What transitions change, as fields; a result is written where the transition has decided about one. */
function statusFields(job: JobHead & { readonly result?: string | undefined }): Fields {
  return {
    state: job.state,
    token: job.token,
    attempt: job.attempt,
    lease_losses: job.leaseLosses,
    reset_count: job.resetCount,
    run_at: job.runAt,
    blockers: maybeToJson(job.blockers),
    awaits: maybeToText(job.awaits),
    woken: job.woken && 1,
    slot: job.slot,
    links: job.links,
    lease_until: job.leaseUntil,
    reserved_at: job.reservedAt,
    reserved_by: maybeToText(job.reservedBy),
    finished_at: job.finishedAt,
    reason: job.reason,
    error: maybeToText(job.error),
    progress: maybeToJson(job.progress),
    result: maybeToText(job.result),
  };
}

/** What a new job shares with others of its kind, as fields. */
function sharedFields(job: Job): Fields {
  const { run_at, slot, ...status } = statusFields(job);
  const { minMs, maxMs } = backoffOf(job.data);
  return {
    topic: toText(job.topic),
    name: toText(job.name),
    weight: job.weight,
    max_retries: job.maxRetries,
    max_lease_losses: job.maxLeaseLosses,
    timeout_ms: job.timeoutMs,
    backoff_min_ms: minMs,
    backoff_max_ms: maxMs,
    tags: maybeToJson(job.tags),
    unique_span: job.uniqueSpan,
    parent: job.parent,
    group_key: maybeToText(job.group),
    limit_key: maybeToText(job.limit?.key),
    limit_size: job.limit?.concurrency,
    data: maybeToText(job.data),
    ...status,
  };
}

/** What is a new job's own, as fields. */
function ownFields(job: Job): Fields {
  return {
    id: job.id,
    created_at: job.createdAt,
    unique_key: maybeToText(job.unique),
    run_at: job.runAt,
    expires_at: job.expiresAt,
    slot: job.slot,
    payload: toText(job.payload),
  };
}

/** New jobs as parameters: what most of them have in common is sent once. */
export function insertRows(jobs: readonly Job[]): { rows: Rows; shared: Rows } {
  const kinds = new Map<string, number>();
  const shared: Fields[] = [];
  const rows = jobs.map((job) => {
    const fields = sharedFields(job);
    const text = JSON.stringify(fields);
    let k = kinds.get(text);
    if (k === undefined) {
      k = shared.length;
      kinds.set(text, k);
      shared.push({ k, ...fields });
    }
    return { k, ...ownFields(job) };
  });
  return { rows: toRows(rows), shared: toRows(shared) };
}

/** All of a new job, as fields. */
export function wholeFields(job: Job): Fields {
  return { ...sharedFields(job), ...ownFields(job) };
}

/**
 * A changed job, as fields. A result is told once, by the change that makes the job done; heads that were read later do
 * not carry it.
 */
export function updateFields({ before, after }: Update): Fields {
  const kept = before.state === "done" && after.state === "done" && before.resetCount === after.resetCount;
  const freed = before.unique !== undefined && after.unique === undefined;
  return { id: after.id, decided: kept ? 0 : 1, freed: freed ? 1 : 0, ...statusFields(after) };
}
