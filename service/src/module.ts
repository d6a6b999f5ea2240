import { checkNumbers, checkOptions, checkUnits, type OptionNames, type Timestamp, type Unit } from "@jobq/core";
import type { Engine } from "./engine.ts";
import { engineOf } from "./engines.ts";
import { wrappedEnqueuer } from "./enqueue/wrapped-enqueuer.ts";
import { hookEnds } from "./events/ends-elsewhere.ts";
import type { ModuleEvent } from "./events/events.ts";
import { type OnStored, StoredHook, type WantsStored } from "./events/stored-hook.ts";
import { checkType } from "./input/check.ts";
import type { JobService } from "./job-service.ts";
import type { ModuleContext } from "./module-context.ts";
import { reservationElsewhere } from "./reserve/reservation-elsewhere.ts";
import type { TopicMap } from "./service-options.ts";
import { ExtendedWrites } from "./store/extended-writes.ts";
import type { UnitExtension } from "./store/unit-extension.ts";
import { timeWithin } from "./time/time-within.ts";

export type { StorageOfContext } from "./context-storage.ts";
export { createService } from "./create-service.ts";
export { derivedId } from "./derived-id.ts";
export type { InsertPlan, JobPlan } from "./enqueue/job-plan.ts";
export { refuseAfter } from "./enqueue/refuse-after.ts";
export type { EnqueueCall, EnqueueMiddleware, StoreCalls } from "./enqueue/wrapped-enqueuer.ts";
export type { OnEndFound } from "./events/ends-elsewhere.ts";
export type { JobEvent, ModuleEvent, ModuleEventType } from "./events/events.ts";
export { isEnd } from "./events/notifier.ts";
export { onAbort } from "./events/on-abort.ts";
export type { StoredChange, StoredChangeType } from "./events/stored-change.ts";
export type { OnStored, WantsStored } from "./events/stored-hook.ts";
export { hash128 } from "./hash.ts";
export { heldToEdit } from "./held-to-edit.ts";
export { type AttemptError, attemptError } from "./input/attempt-error.ts";
export { attemptTimeout, attemptTimeoutMs } from "./input/attempt-timeout.ts";
export { checkInteger, checkName, checkSignal, checkType } from "./input/check.ts";
export { type Codec, jsonCodec } from "./input/codec.ts";
export type { EnqueueOptions } from "./input/enqueue-options.ts";
export { errorText } from "./input/error-text.ts";
export { dataAdded, encodeJobData, type JobData, jobData } from "./input/job-data.ts";
export { checkJobDefaults, type JobDefaults, type JobSettings } from "./input/job-defaults.ts";
export { type DefinedRequest, definedOptions, type EnqueueDefinition, isDefinition } from "./input/job-definition.ts";
export type { FindOptions } from "./input/job-query.ts";
export { callsOf, type JobRequest } from "./input/job-request.ts";
export { leaseMs } from "./input/lease-ms.ts";
export { MAX_JOBS_PER_CALL } from "./input/limits.ts";
export { type NameOf, named, requestName } from "./input/named-error.ts";
export { printable } from "./input/printable.ts";
export { checkRetryPolicy, type RetryPolicy, retryPolicyOf } from "./input/retry-policy.ts";
export { checkOwnTopic, isModuleState, meantBy } from "./input/topic-names.ts";
export type { JobService } from "./job-service.ts";
export type { JobReader, ModuleContext, TopicReader } from "./module-context.ts";
export { childrenFirst } from "./operating/children-first.ts";
export { explainText } from "./operating/explain-text.ts";
export type { HandlerInfo, RateInfo } from "./operating/handler-info.ts";
export { withoutLiveParents } from "./operating/purge.ts";
export { withoutCopies } from "./operating/without-copies.ts";
export type { Report } from "./report.ts";
export type { ReservedJob } from "./reserve/reserved-job.ts";
export { retryDelayMs } from "./reserve/retry-delay.ts";
export type {
  EnqueueReceipt,
  JobRecord,
  ServiceOptions,
  TopicMap,
  TopicName,
  TopicRequest,
} from "./service-options.ts";
export type { Stop } from "./stop-hooks.ts";
export { compose } from "./store/compose.ts";
export { headWithin } from "./store/head-within.ts";
export { refusalError } from "./store/refusal-error.ts";
export type { UnitExtension } from "./store/unit-extension.ts";
export { WRITE_OPTIONS, type WriteOptions } from "./store/within.ts";
export type { WritesWithin } from "./store/writes.ts";
export { noLaterThan } from "./time/no-later-than.ts";
export { membersLinkNote } from "./waits/link.ts";

const UNIT_PARTS: OptionNames<Unit> = {
  ...{ now: true, insert: true, apply: true, note: true, forget: true, remove: true, purge: true },
};

const EXTENSION: OptionNames<UnitExtension> = { wants: true, extend: true };

/**
 * Returns the context of a service, for a module.
 * @throws {TypeError} not a service of this copy of the package, or the client of a server
 */
export function contextOf<Topics extends TopicMap>(service: JobService<Topics>): ModuleContext {
  if (isClient(service)) {
    throw new TypeError(
      "service must be made by createService, got the client of a server: use createService over the server's store, " +
        "or of the client reserve, schedules, workflows and bundles",
    );
  }
  const engine = engineOf(service);
  const { clock, events, factory, notifier, report, settings, stopHooks, store } = engine;
  const { codec } = settings;
  return {
    jobs: store.jobs,
    topics: store.topics,
    clock,
    newId: settings.newId,
    random: settings.random,
    defaults: settings.defaults,
    now: () => engine.sync(),
    encode: (value, what = "payload") => codec.encode(value, what),
    decode: (text) => codec.decode(text),
    encodeError: (text) => codec.encodeError(text),
    decodeError: (text) => codec.decodeError(text),
    newJob: (topic, payload, options, now) => factory.create(topic, payload, options, now),
    plan: (calls, now, nameOf) => factory.planMany(calls, now, nameOf),
    insert: (make, within) => engine.enqueuer.insert(make, within),
    commit: async (unit, heads) => engine.writes.commit(checkUnit(unit), heads),
    within: (transaction) => {
      const within = engine.writes.within(transaction);
      const now = async (): Promise<Timestamp> => {
        engine.assertOpen(); // starts the service, or refuses
        return timeWithin(engine.clock, within, report);
      };
      return { ...within, now };
    },
    reservation: (id, token, doing = "extend") => reservationElsewhere(engine, id, token, doing),
    letGo: (job) => engine.reservations.left(job),
    handles: (info) => {
      engine.handlers.add(info);
      return () => void engine.handlers.delete(info);
    },
    handlers: engine.handlers,
    report,
    emit: (event: ModuleEvent) => events.emit(event),
    onStored: (hook: OnStored, wants: WantsStored = () => true) => notifier.hook(new StoredHook(hook, wants, report)),
    onEndElsewhere: (hook, types) => hookEnds(engine, hook, types),
    extendUnit: (extension) => {
      checkOptions(checkType(extension, "object", "an extension"), EXTENSION, "an extension");
      checkType(extension.wants, "function", "wants of an extension");
      checkType(extension.extend, "function", "extend of an extension");
      return extendedWrites(engine).add({
        wants: (job, what) => extension.wants(job, what),
        extend: async (...given) => checkParts(await extension.extend(...given), "what extend returns"),
      });
    },
    aroundEnqueue: (middleware) => wrappedEnqueuer(engine).add(middleware),
    throughMiddleware: (calls, store) => engine.enqueuer.throughMiddleware(calls, store),
    followedUp: () => engine.followUps.idle(),
    onClose: (stop) => stopHooks.add(stop),
  };
}

/**
 * Checks a unit of a module's before it is stored, since a commit that is rejected takes others with it.
 * @throws {TypeError | RangeError} no unit
 */
function checkUnit(unit: Unit): Unit {
  checkUnits([checkParts(unit, "a unit")]);
  checkNumbers([unit]);
  return unit;
}

function checkParts(unit: Unit, what: string): Unit {
  checkOptions(checkType(unit, "object", what), UNIT_PARTS, what);
  return unit;
}

/** The writes of the engine, with modules before them from the first one on that adds something. */
function extendedWrites(engine: Engine): ExtendedWrites {
  const { writes } = engine;
  if (writes instanceof ExtendedWrites) return writes;
  const extended = new ExtendedWrites(writes);
  engine.writes = extended;
  return extended;
}

export { bundleNameOf, type GroupPolicy } from "./waits/group-policy.ts";

/** True for what has the methods of a service and, unlike one, modules of its own. */
function isClient(service: object): boolean {
  return typeof service === "object" && service !== null && "enqueue" in service && "schedules" in service;
}
