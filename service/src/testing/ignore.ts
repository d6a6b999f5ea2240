import type { JobService, TopicMap } from "../module.ts";
import { checkMode, enter, MODE_OPTIONS, type ModeOptions, within } from "./mode.ts";
import type { Recording } from "./recording.ts";

/**
 * Checks and records jobs that are enqueued, then discards them, until `restore` of the recording is called. With
 * `body`, only while it runs; resolves with what it returns.
 */
export function ignore<Topics extends TopicMap>(service: JobService<Topics>, options?: ModeOptions): Recording;
/** Does the same while `body` runs; resolves with what it returns. */
export function ignore<Topics extends TopicMap, Result>(
  service: JobService<Topics>,
  options: ModeOptions,
  body: (recording: Recording) => Result | Promise<Result>,
): Promise<Result>;
export function ignore(
  service: JobService,
  options: ModeOptions = {},
  body?: (recording: Recording) => unknown,
): Recording | Promise<unknown> {
  checkMode(options, body, MODE_OPTIONS);
  const mode = { service, options, handle: async <Job>(job: Job) => job };
  return body ? within(mode, body) : enter(mode);
}
