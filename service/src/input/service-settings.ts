import { type NewId, newId } from "@jobq/core";
import type { ServiceOptions } from "../service-options.ts";
import { checkInteger } from "./check.ts";
import { jsonCodec } from "./codec.ts";
import { DEFAULT_JOB_SETTINGS, type JobSettings, jobSettings } from "./job-defaults.ts";
import { leaseMs } from "./lease-ms.ts";
import { PayloadCodec } from "./payload-codec.ts";
import { TopicNames } from "./topic-names.ts";

const MEBIBYTE = 1024 * 1024;

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
}

/** @throws {TypeError | RangeError} an option that means nothing */
export function serviceSettings(options: Omit<ServiceOptions, "jobs" | "topics">): ServiceSettings {
  const { codec = jsonCodec, payloadLimit = MEBIBYTE, defaults = {} } = options;
  const { pollInterval = "2s", recoveryInterval = "10m" } = options;
  return {
    defaults: jobSettings(defaults, DEFAULT_JOB_SETTINGS),
    codec: new PayloadCodec(codec, checkInteger(payloadLimit, "payloadLimit", 1, 2 ** 30)),
    topicNames: new TopicNames(options.topicNames),
    newId: options.newId ?? newId,
    random: options.random ?? Math.random,
    pollMs: leaseMs(pollInterval, "pollInterval"),
    recoveryMs: leaseMs(recoveryInterval, "recoveryInterval"),
  };
}
