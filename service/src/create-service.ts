import { checkType } from "./input/check.ts";
import { JobService } from "./job-service.ts";
import type { ServiceOptions, TopicMap } from "./service-options.ts";

/**
 * Makes a job queue of a job repository and a topic repository.
 * @typeParam Topics the payload of each topic, by its name
 * @throws {TypeError | RangeError} an option that means nothing, a repository that lacks a member of its port
 */
export function createService<Topics extends TopicMap = Record<string, unknown>>(
  options: ServiceOptions<Topics>,
): JobService<Topics> {
  checkType(options, "object", "options");
  return new JobService(options);
}
