import { type JobHead, outOfRange, wrongType } from "@jobq/core";
import { checkName } from "./check.ts";

/** What the names of topics begin with that modules keep jobs of their own on. */
const OF_MODULES = "jobq:";
/** Those of them that hold work: bundles without an end, and jobs of schedules with a handler, which workers run. */
const BUNDLES = "jobq:bundles";
const WORKED = "jobq:schedule:";

/** True for a topic whose jobs are what a module keeps of its own, such as schedules, and no work. */
export function isModuleState(topic: string): boolean {
  return topic.startsWith(OF_MODULES) && topic !== BUNDLES && !topic.startsWith(WORKED);
}

/** Those that a query means: what modules keep of their own, such as schedules, only if it names that topic. */
export function meantBy<J extends Pick<JobHead, "topic">>(
  { topic }: { readonly topic?: string | undefined },
  page: readonly J[],
): readonly J[] {
  return topic === undefined ? page.filter((job) => !isModuleState(job.topic)) : page;
}

/**
 * The name of a topic that users may enqueue jobs on.
 * @throws {TypeError | RangeError} not a name, or that of a topic where only a module enqueues
 */
export function checkOwnTopic(topic: string, what = "topic"): string {
  if (!checkName(topic, what).startsWith(OF_MODULES) || topic.startsWith(WORKED)) return topic;
  throw outOfRange(what, `one that does not begin with ${OF_MODULES}, where only modules enqueue`, topic);
}

/** Which topics there may be; those of modules always. */
export class TopicNames {
  readonly #allowed: ReadonlySet<string> | undefined;

  /** @param allowed the only ones; any when left out */
  constructor(allowed: readonly string[] | undefined) {
    if (allowed !== undefined && !Array.isArray(allowed)) throw wrongType("topicNames", "an array", allowed);
    this.#allowed = allowed && new Set(allowed.map((topic) => checkName(topic, "topic")));
  }

  /** @throws {TypeError | RangeError} not a name, or none of those allowed */
  check(topic: string): string {
    checkName(topic, "topic");
    if (!this.#allowed || this.#allowed.has(topic) || topic.startsWith(OF_MODULES)) return topic;
    throw outOfRange("topic", `one of ${[...this.#allowed].join(", ")}`, topic);
  }
}
