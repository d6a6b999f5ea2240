import { outOfRange } from "@jobq/core";
import { checkName } from "./check.ts";

/** Which topics there may be. */
export class TopicNames {
  readonly #allowed: ReadonlySet<string> | undefined;

  /** @param allowed the only ones; any when left out */
  constructor(allowed: readonly string[] | undefined) {
    this.#allowed = allowed && new Set(allowed.map((topic) => checkName(topic, "topic")));
  }

  /** @throws {TypeError | RangeError} not a name, or none of those allowed */
  check(topic: string): string {
    checkName(topic, "topic");
    if (!this.#allowed || this.#allowed.has(topic)) return topic;
    throw outOfRange("topic", `one of ${[...this.#allowed].join(", ")}`, topic);
  }
}
