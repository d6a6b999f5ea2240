import { checkOptions, type OptionNames, wrongType } from "@jobq/core";
import type { EnqueueCall } from "../enqueue/wrapped-enqueuer.ts";
import { checkType } from "./check.ts";
import type { EnqueueOptions } from "./enqueue-options.ts";
import { type DefinedRequest, definedJob, isDefinition } from "./job-definition.ts";
import { type NameOf, named, requestName } from "./named-error.ts";

/** One of many jobs that somebody asks for: on a topic, or by its definition. */
export type JobRequest =
  | {
      readonly topic: string;
      readonly payload: unknown;
      readonly options?: Omit<EnqueueOptions, "within"> | undefined;
    }
  | DefinedRequest;

const REQUEST: OptionNames<{ topic: unknown; job: unknown; payload: unknown; options: unknown }> = {
  topic: true,
  job: true,
  payload: true,
  options: true,
};

/**
 * What the requests ask for: those by a definition with their payload parsed and its options filled in.
 * @param nameOf how errors name each; `requests[0]` and so on
 * @throws {TypeError} not a request; a request of both a topic and a job, or of neither
 * @throws {JobqError} PAYLOAD_INVALID
 */
export function callsOf(requests: readonly JobRequest[], nameOf: NameOf = requestName): EnqueueCall[] {
  // Unlike map, this does not pass over holes.
  return Array.from(requests, (request, place) => named(nameOf, place, () => callOf(request)));
}

function callOf(request: JobRequest): EnqueueCall {
  checkOptions(checkType(request, "object", "a request"), REQUEST, "a request");
  const { topic, job, payload, options } = request as Partial<EnqueueCall>;
  if ((topic === undefined) === (job === undefined)) {
    throw wrongType("a request", "of a topic or of a job, and not of both", request);
  }
  if (topic !== undefined) return { topic, payload, options };
  if (!isDefinition(job)) throw wrongType("a request's job", "made by defineJob", job);
  return definedJob(job, payload, options);
}
