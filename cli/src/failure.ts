import { type JobId, JobqError, type JobqErrorCode } from "@jobq/core";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";

/** A command that was called wrongly, or whose configuration is wrong. */
export class UsageError extends TypeError {
  override readonly name = "UsageError";
}

/** A failure as the command tells it. */
export interface Failure {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

const EXIT_OF: { readonly [C in JobqErrorCode]?: ExitCode } = {
  JOB_NOT_FOUND: EXIT_CODES.notFound,
  INVALID_STATE: EXIT_CODES.conflict,
  DUPLICATE_JOB: EXIT_CODES.conflict,
  TIMEOUT: EXIT_CODES.timeout,
  STORE_FAILED: EXIT_CODES.unavailable,
  STORE_LOCKED: EXIT_CODES.unavailable,
  STORE_VERSION: EXIT_CODES.unavailable,
};

/** What any error comes to. */
export function failureOf(error: unknown): Failure {
  if (error instanceof JobqError) return ofLibrary(error);
  const isArgument = error instanceof TypeError || error instanceof RangeError;
  if (isArgument) return { exitCode: EXIT_CODES.usage, code: "USAGE", message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT_CODES.failed, code: "FAILED", message };
}

function ofLibrary(error: JobqError): Failure {
  const { code, message, details } = error;
  if (details.code === "unauthorized" || details.code === "forbidden") {
    const hint = "Give a key of the server with --key or JOBQ_KEY.";
    return { exitCode: EXIT_CODES.denied, code: details.code.toUpperCase(), message, hint };
  }
  const cause = reasonOf(error.cause);
  const text = cause && !message.includes(cause) ? `${message}: ${cause}` : message;
  return { exitCode: EXIT_OF[code] ?? EXIT_CODES.failed, code, message: text, hint: hintFor(error) };
}

/** The innermost cause says most: what `fetch` throws says nothing, and keeps why. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code } = cause as { code?: unknown };
  return reasonOf(cause.cause) ?? (cause.message || (typeof code === "string" ? code : undefined));
}

/** Work on something of a kind, with where to find those that there are. */
export async function advising<T>(advice: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof JobqError) || error.code !== "JOB_NOT_FOUND") throw error;
    const { code, message, cause, details } = error;
    throw new JobqError(code, message, { cause, details: { ...details, advice } });
  });
}

/** Where to look for what there is not by that id. */
export function listedBy(command: "bundles" | "workflows", id: JobId): string {
  return `\`jobq ${command}\` lists them; \`jobq status ${id}\` says whether it is another job.`;
}

function hintFor({ code, message, details }: JobqError): string | undefined {
  if (typeof details.advice === "string") return details.advice;
  if (code === "INVALID_STATE" && details.topic === "jobq:schedules") {
    const name = String(details.name);
    return `\`jobq schedules pause ${name}\` holds it back, \`jobq schedules remove ${name}\` forgets it.`;
  }
  if (code === "STORE_LOCKED") {
    return "Another process has this store, most likely a running server: ask that one, as with --url http://127.0.0.1:8080, or stop it first.";
  }
  if (code === "STORE_VERSION") {
    const { stored = details.found, known = details.supported } = details;
    return typeof stored === "number" && typeof known === "number" && stored > known
      ? "A newer jobq has written this store: use a command of its version."
      : "`jobq migrate --store …` makes the tables, and brings an older store to the version of this command.";
  }
  if (code === "STORE_FAILED" && /readonly database/.test(message)) {
    return "SQLite writes to a database or beside it even to read it: copy it to where this user may write both.";
  }
  if (details.unreachable === true) {
    return "Start one with `jobq serve`, name another with --url or JOBQ_URL, or work straight on a store with --store.";
  }
  // What is missing at a server's own paths has a code of its own, such as JOB_NOT_FOUND.
  if (code === "STORE_FAILED" && details.status === 404) {
    return "The path that the server was given by --base-path belongs to the address, as in --url https://example.com/queue.";
  }
  return undefined;
}
