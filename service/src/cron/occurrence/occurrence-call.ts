import type { Job, Timestamp } from "@jobq/core";
import {
  type EnqueueCall,
  type EnqueueOptions,
  encodeJobData,
  jobData,
  type ModuleContext,
  refuseAfter,
  retryPolicyOf,
} from "../../module.ts";

/** What a job of a schedule asks for, as the middleware of `enqueue` sees it; made only where one looks. */
export function callOf(
  job: Job,
  { decode, defaults }: Pick<ModuleContext, "decode" | "defaults">,
  now: Timestamp,
): EnqueueCall {
  return {
    topic: job.topic,
    get payload() {
      return decode(job.payload);
    },
    get options() {
      return optionsOf(job, defaults, now);
    },
    partOf: "schedule",
  };
}

/** Without the weight and the policy that jobs have anyway, beside which a middleware could give no `priority` and no `backoff`. */
function optionsOf(job: Job, defaults: ModuleContext["defaults"], now: Timestamp): EnqueueOptions {
  const { deadLetter, origin, correlationId, ...more } = jobData(job);
  const retry = retryPolicyOf(job);
  return {
    name: job.name,
    weight: job.weight === defaults.weight ? undefined : job.weight,
    maxRetries: job.maxRetries,
    maxLeaseLosses: job.maxLeaseLosses,
    timeout: job.timeoutMs,
    retry: JSON.stringify(retry) === JSON.stringify(defaults.retry) ? undefined : retry,
    onExhausted: deadLetter === undefined ? undefined : { topic: deadLetter },
    expires: job.expiresAt === undefined ? undefined : job.expiresAt - now,
    at: job.runAt,
    unique: job.unique === undefined ? undefined : { key: job.unique, while: job.uniqueSpan ?? "live" },
    tags: job.tags,
    limit: job.limit,
    origin,
    correlationId,
    data: Object.fromEntries(Object.entries(more).filter(([key]) => key.includes("."))),
  };
}

/** The job of the schedule as a call asks for it that came out of the middleware; its id and its kind stay. */
export function jobAsked(call: EnqueueCall, job: Job, { newJob }: Pick<ModuleContext, "newJob">, now: Timestamp): Job {
  refuseAfter(call, "a job of a schedule");
  const { topic, payload, options } = call;
  const made = newJob(topic, payload, options, now);
  const deadLetter = options?.onExhausted?.topic;
  const data = encodeJobData({ ...jobData(job), retry: undefined, ...jobData(made), deadLetter });
  return { ...made, id: job.id, group: job.group, data, links: deadLetter === undefined ? undefined : 1 };
}
