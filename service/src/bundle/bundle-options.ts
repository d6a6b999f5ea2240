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

/** The options of the job that ends a bundle: those of `enqueue`, except when it runs, which the bundle decides. */
export type BundleEndOptions = Omit<EnqueueOptions, "within" | "delay" | "at" | "after" | "unique">;

/** The job that runs when all members have ended; it has the id of the bundle. */
export interface BundleEnd {
  /** Its topic; or give `job`. */
  readonly topic?: string | undefined;
  /** A definition made by `defineJob`, instead of `topic`. */
  readonly job?: EnqueueDefinition<never> | undefined;
  readonly payload?: unknown;
  readonly options?: BundleEndOptions | undefined;
}

/** What happens to a bundle, and what it does. */
export interface BundleRules {
  /** The job that runs when all members have ended; without it, the bundle is done then. */
  readonly onEnd?: BundleEnd | undefined;
  /**
   * What happens when a member is canceled, for any reason. `continue`, the default: it counts as ended. `cancel`: the
   * other members are canceled and the bundle is sealed. The `onEnd` job runs in both cases.
   */
  readonly onMemberCanceled?: "continue" | "cancel" | undefined;
  /** Tags to find the bundle by. The tag `bundle` is always set, to its name. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The options of a new bundle. */
export interface BundleOptions extends BundleRules {
  /** The id of an open bundle, of which this one becomes a member. */
  readonly parent?: JobId | undefined;
  /** Your own transaction: the bundle is stored if it commits. */
  readonly within?: object | undefined;
}

/** A bundle as a member of another. */
export interface NestedBundle<Topics extends TopicMap = Record<string, unknown>> extends BundleRules {
  /** Its name. */
  readonly bundle: string;
  readonly requests: readonly BundleRequest<Topics>[];
}

/** A request for a member: a job by its topic, a job by its definition, or a nested bundle. */
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

/** @throws {TypeError | RangeError} an invalid option */
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
