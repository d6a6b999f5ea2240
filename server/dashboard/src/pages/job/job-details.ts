import type { JobHead, JobState } from "@jobq/core";
import { type Api, pathOf } from "../../api/api.ts";
import type { KeptPolicy } from "../../format/retry-policy.ts";

/** How an attempt failed. */
export interface AttemptErrorForm {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** An attempt as the API has it. */
export interface AttemptForm {
  readonly attempt: number;
  readonly token: number;
  readonly outcome: "running" | "done" | "retried" | "exhausted" | "rejected";
  readonly by?: string;
  readonly started_at?: string;
  readonly ended_at?: string;
  readonly error?: AttemptErrorForm;
}

/** A line that a holder logged. */
export interface LogForm {
  readonly at: string;
  readonly line: string;
}

/** A job with what is shown of it at once. */
export interface JobDetails {
  readonly job: JobHead;
  readonly attempts: readonly AttemptForm[];
  readonly logs: readonly LogForm[];
  /** Why it does not run, a sentence for each reason; of jobs that wait. */
  readonly waitsFor?: string;
}

/** @throws {ApiFault} of status 404: there is no such job */
export async function loadDetails(api: Api, id: string, signal: AbortSignal): Promise<JobDetails> {
  const loading = api.get<JobHead>(pathOf("records", id, "status"), {}, signal);
  const [job, { attempts }, { logs }, waitsFor] = await Promise.all([
    loading,
    api.get<{ attempts: readonly AttemptForm[] }>(pathOf("jobs", id, "attempts"), {}, signal),
    api.get<{ logs: readonly LogForm[] }>(pathOf("jobs", id, "logs"), {}, signal),
    loading.then(({ state }) => (isWaiting(state) ? explained(api, id, signal) : undefined)),
  ]);
  return { job, attempts, logs, ...(waitsFor ? { waitsFor } : {}) };
}

function isWaiting(state: JobState): boolean {
  return state === "ready" || state === "delayed";
}

async function explained(api: Api, id: string, signal: AbortSignal): Promise<string> {
  return (await api.get<{ text: string }>(pathOf("jobs", id, "explain"), {}, signal)).text;
}

/** What the service keeps in the data of a job, as far as it is shown. */
export interface KeptData {
  readonly retry?: KeptPolicy;
  readonly deadLetter?: string;
  readonly origin?: string;
  readonly correlationId?: string;
  /** What it does about its members; of a bundle. */
  readonly group?: object;
  /** It is a run of a workflow. */
  readonly run?: true;
}

/** What is kept with a job; nothing where it is of another kind. */
export function keptData({ data }: JobHead): KeptData {
  try {
    const parsed: unknown = JSON.parse(data ?? "{}");
    return typeof parsed === "object" && parsed !== null ? (parsed as KeptData) : {};
  } catch {
    return {}; // a module of somebody else keeps something else there
  }
}
