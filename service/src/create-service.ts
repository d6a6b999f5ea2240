import { checkType } from "./input/check.ts";
import { JobService } from "./job-service.ts";
import type { ServiceOptions, TopicMap } from "./service-options.ts";

/**
 * Creates a job queue from a job repository and a topic repository. Nothing starts before its first call.
 * @typeParam Topics the type of the payload of each topic, by name
 * @throws {TypeError | RangeError} an invalid option, or a repository that lacks a method of its port
 */
export function createService<Topics extends TopicMap = Record<string, unknown>>(
  options: ServiceOptions<Topics>,
): JobService<Topics> {
  checkType(options, "object", "options");
  return new JobService(options);
}
