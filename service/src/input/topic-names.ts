import { outOfRange } from "@jobq/core";
import { checkName } from "./check.ts";

/** What the names of topics begin with that modules keep jobs of their own on. */
const OF_MODULES = "jobq:";

/** Which topics there may be; those of modules always. */
export class TopicNames {
  readonly #allowed: ReadonlySet<string> | undefined;

  /** @param allowed the only ones; any when left out */
  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed && new Set(allowed.map((topic) => checkName(topic, "topic")));
  }

  /** @throws {TypeError | RangeError} not a name, or none of those allowed */
  check(topic: string): string {
    checkName(topic, "topic");
    if (!this.#allowed || this.#allowed.has(topic) || topic.startsWith(OF_MODULES)) return topic;
    throw outOfRange("topic", `one of ${[...this.#allowed].join(", ")}`, topic);
  }
}
