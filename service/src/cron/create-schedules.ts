import { contextOf, type JobService, type TopicMap } from "../module.ts";
import { Schedules } from "./schedules.ts";

/**
 * Returns the schedules of a service's store. Any number of processes may set and start the same ones: there is no
 * leader, and an instant produces at most one job.
 * @throws {TypeError} not a service
 */
export function createSchedules<Topics extends TopicMap>(service: JobService<Topics>): Schedules {
  return new Schedules(contextOf(service), service as JobService);
}
