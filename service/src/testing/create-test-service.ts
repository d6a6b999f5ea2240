import { checkOptions, type OptionNames } from "@jobq/core";
import { checkInteger, checkType, createService, type ServiceOptions, type TopicMap } from "../module.ts";
import type { WorkerOptions } from "../worker/index.ts";
import { TestClock } from "./test-clock.ts";
import { TestService } from "./test-service.ts";
import type { TestServiceOptions } from "./test-service-options.ts";

const STORES: OptionNames<TestServiceOptions["stores"]> = { jobs: true, topics: true };

/**
 * Creates a service on a manual clock, whose handlers run when the test calls `drain` or `advance`.
 * @throws {TypeError | RangeError} an invalid option
 */
export function createTestService<Topics extends TopicMap = Record<string, unknown>>(
  options: TestServiceOptions,
): TestService<Topics> {
  const { stores, now = Date.UTC(2026, 0, 1), service, ...worker } = checkType(options, "object", "options");
  checkOptions(checkType(stores, "object", "stores"), STORES, "stores");
  checkType(stores.jobs, "function", "stores.jobs");
  checkType(stores.topics, "function", "stores.topics");
  const clock = new TestClock(checkInteger(now instanceof Date ? now.getTime() : now, "now", 0, 8.64e15));
  const settings = { random: () => 0.5, ...service, jobs: stores.jobs({ clock }), topics: stores.topics() };
  const svc = createService<Topics>(settings as ServiceOptions<Topics>);
  return new TestService<Topics>(clock, svc, isIdle(worker) ? undefined : worker);
}

/** True where there is nothing to run, as where schedules have handlers of their own. */
function isIdle({ jobs = [], ...more }: WorkerOptions): boolean {
  return Object.keys(more).length === 0 && Array.isArray(jobs) && jobs.length === 0;
}
