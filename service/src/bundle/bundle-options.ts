import { checkJobId, checkOptions, type JobId, type OptionNames, wrongType } from "@jobq/core";
import {
  checkType,
  type DefinedRequest,
  type EnqueueDefinition,
  type EnqueueOptions,
  type TopicMap,
  type TopicName,
  type TopicRequest,
} from "../module.ts";

/** What the job of a bundle may say beside its topic and payload; when it runs is the bundle's to say. */
export type BundleEndOptions = Omit<EnqueueOptions, "within" | "delay" | "at" | "after" | "unique">;

/** What is enqueued when all members have ended; its id is that of the bundle. */
export interface BundleEnd {
  /** Where it is enqueued; or `job`. */
  readonly topic?: string | undefined;
  /** A definition of `defineJob`, in place of `topic`. */
  readonly job?: EnqueueDefinition<never> | undefined;
  readonly payload?: unknown;
  readonly options?: BundleEndOptions | undefined;
}

/** What happens to a bundle, and what it does. */
export interface BundleRules {
  /** The job that runs when all members have ended; without one the bundle is done then. */
  readonly onEnd?: BundleEnd | undefined;
  /**
   * What it means that a member was canceled, for whichever reason: nothing (`continue`), which is meant where nothing is
   * said, or that the others are canceled and the bundle is sealed (`cancel`). The job of `onEnd` runs either way.
   */
  readonly onMemberCanceled?: "continue" | "cancel" | undefined;
  /** Small words to find the bundle by, beside `bundle`, which is its name. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** How to begin a bundle. */
export interface BundleOptions extends BundleRules {
  /** An open bundle that this one becomes a member of. */
  readonly parent?: JobId | undefined;
  /** A transaction of yours: the bundle is there if it commits. */
  readonly within?: object | undefined;
}

/** A bundle as a member of another. */
export interface NestedBundle<Topics extends TopicMap = Record<string, unknown>> extends BundleRules {
  /** Its name. */
  readonly bundle: string;
  readonly requests: readonly BundleRequest<Topics>[];
}

/** A member to be: a job on a topic, a job by its definition, or a bundle. */
export type BundleRequest<Topics extends TopicMap = Record<string, unknown>> =
  | { [T in TopicName<Topics>]: TopicRequest<Topics, T> }[TopicName<Topics>]
  | DefinedRequest
  | NestedBundle<Topics>;

const RULES: OptionNames<BundleRules> = { onEnd: true, onMemberCanceled: true, tags: true };
const OPTIONS: OptionNames<BundleOptions> = { ...RULES, parent: true, within: true };
const NESTED: OptionNames<NestedBundle> = { ...RULES, bundle: true, requests: true };
const END: OptionNames<BundleEnd> = { topic: true, job: true, payload: true, options: true };
/** What the bundle itself decides. */
const NOT_AT_THE_END = ["within", "delay", "at", "after", "unique"] as const;

/** @throws {TypeError | RangeError} an option that means nothing */
export function checkBundleOptions(options: BundleOptions): void {
  checkOptions(checkType(options, "object", "options"), OPTIONS);
  if (options.parent !== undefined) checkJobId(options.parent, "parent");
  checkRules(options);
}

/** @throws {TypeError | RangeError} a member of it that means nothing */
export function checkNestedBundle(nested: NestedBundle): void {
  checkOptions(nested, NESTED, "a bundle in requests");
  if (!Array.isArray(nested.requests)) throw wrongType("requests", "an array", nested.requests);
  checkRules(nested);
}

function checkRules({ onEnd, onMemberCanceled, tags }: BundleRules): void {
  if (onMemberCanceled !== undefined && onMemberCanceled !== "continue" && onMemberCanceled !== "cancel") {
    throw wrongType("onMemberCanceled", "continue or cancel", onMemberCanceled);
  }
  if (tags !== undefined) checkType(tags, "object", "tags");
  if (onEnd === undefined) return;
  checkOptions(checkType(onEnd, "object", "onEnd"), END, "onEnd");
  if ((onEnd.topic === undefined) === (onEnd.job === undefined)) {
    throw wrongType("onEnd", "of a topic or of a job, and not of both", onEnd);
  }
  const options = onEnd.options as EnqueueOptions | undefined;
  for (const name of NOT_AT_THE_END) {
    if (options?.[name] !== undefined) throw wrongType(`onEnd.options.${name}`, "left out", options[name]);
  }
}
