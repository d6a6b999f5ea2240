import { checkJobId, checkOptions, durationMs, type NewId, newId, type OptionNames } from "@jobq/core";
import type { Keep } from "../operating/retention.ts";
import type { ServiceOptions } from "../service-options.ts";
import { checkInteger, checkType } from "./check.ts";
import { jsonCodec } from "./codec.ts";
import { DEFAULT_JOB_SETTINGS, JOB_DEFAULTS, type JobSettings, jobSettings } from "./job-defaults.ts";
import { leaseMs } from "./lease-ms.ts";
import { PayloadCodec } from "./payload-codec.ts";
import { TopicNames } from "./topic-names.ts";

const MEBIBYTE = 1024 * 1024;

const SERVICE_OPTIONS: OptionNames<ServiceOptions> = {
  jobs: true,
  topics: true,
  fused: true,
  defaults: true,
  topicNames: true,
  codec: true,
  payloadLimit: true,
  pollInterval: true,
  recoveryInterval: true,
  lockTimeout: true,
  keep: true,
  maintenance: true,
  random: true,
  newId: true,
};

/** What the options of a service come to, but for its repositories. */
export interface ServiceSettings {
  readonly codec: PayloadCodec;
  readonly topicNames: TopicNames;
  /** For jobs that do not say otherwise. */
  readonly defaults: JobSettings;
  readonly newId: NewId;
  readonly random: () => number;
  readonly pollMs: number;
  readonly recoveryMs: number;
  readonly lockMs: number;
  /** How long ended jobs are kept; undefined where that is for ever. */
  readonly keep: Keep | undefined;
  readonly maintenance: boolean;
}

/** @throws {TypeError | RangeError} an invalid option */
export function serviceSettings(options: ServiceOptions): ServiceSettings {
  checkOptions(options, SERVICE_OPTIONS);
  const { codec = jsonCodec, payloadLimit = MEBIBYTE, defaults = {} } = options;
  checkOptions(defaults, JOB_DEFAULTS, "defaults");
  checkType(checkType(codec, "object", "codec").encode, "function", "codec.encode");
  checkType(codec.decode, "function", "codec.decode");
  const { pollInterval = "2s", recoveryInterval = "10m", lockTimeout = "10s" } = options;
  return {
    defaults: jobSettings(defaults, DEFAULT_JOB_SETTINGS),
    codec: new PayloadCodec(codec, checkInteger(payloadLimit, "payloadLimit", 1, 2 ** 30)),
    topicNames: new TopicNames(options.topicNames),
    newId: options.newId === undefined ? newId : checkedIds(options.newId),
    random: checkType(options.random ?? Math.random, "function", "random"),
    pollMs: leaseMs(pollInterval, "pollInterval"),
    recoveryMs: leaseMs(recoveryInterval, "recoveryInterval"),
    lockMs: leaseMs(lockTimeout, "lockTimeout"),
    keep: options.keep === undefined ? undefined : keepOf(options.keep),
    maintenance: checkType(options.maintenance ?? true, "boolean", "maintenance"),
  };
}

/** What the user's own function returns, checked: ids of ours need not be. */
function checkedIds(own: NewId): NewId {
  checkType(own, "function", "newId");
  return (now) => checkJobId(own(now), "what newId returns");
}

function keepOf(keep: NonNullable<ServiceOptions["keep"]>): Keep {
  checkOptions(checkType(keep, "object", "keep"), { done: true, canceled: true }, "keep");
  const { done, canceled } = keep;
  return {
    done: done === undefined ? undefined : durationMs(done, "keep.done"),
    canceled: canceled === undefined ? undefined : durationMs(canceled, "keep.canceled"),
  };
}
