import {
  type Capabilities,
  type Clock,
  type JobRepository,
  monotonicOf,
  type QueueStore,
  type TopicRepository,
  type Unit,
} from "@jobq/core";
import type { Gate } from "./gate.ts";

/** The two repositories that one process uses. */
export interface Stores {
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
}

/** The repositories as a process behind the gate sees them: with the simulated time, and every call through the gate. */
export function gatedStores({ jobs, topics }: Stores, gate: Gate, clock: Clock, shared: boolean): Stores {
  const gatedJobs = gateJobs(jobs, gate, gateClock(clock, gate, shared), shared);
  const gatedTopics = gateTopics(topics, gate, shared);
  if (!topics.fuse) return { jobs: gatedJobs, topics: gatedTopics };
  const fuse = (): QueueStore | undefined => {
    const fused = topics.fuse?.(jobs);
    return fused && gateStore(fused, { jobs: gatedJobs, topics: gatedTopics }, gate);
  };
  return { jobs: gatedJobs, topics: { ...gatedTopics, fuse } };
}

function gateJobs(jobs: JobRepository, gate: Gate, clock: Clock, shared: boolean): JobRepository {
  return {
    capabilities: capabilities(jobs.capabilities, shared),
    clock,
    commit: (units) => gate.call(`jobs.commit ${describe(units)}`, () => jobs.commit(units), true),
    get: (ids) => gate.call("jobs.get", () => jobs.get(ids)),
    find: (query) => gate.call("jobs.find", () => jobs.find(query)),
    nextLeaseEndAt: () => gate.call("jobs.nextLeaseEndAt", () => jobs.nextLeaseEndAt()),
    slots: (keys, count) => gate.call("jobs.slots", () => jobs.slots(keys, count)),
    tally: (group) => gate.call("jobs.tally", () => jobs.tally(group)),
    notes: (id, kind) => gate.call("jobs.notes", () => jobs.notes(id, kind)),
    close: () => gate.call("jobs.close", () => Promise.resolve()),
  };
}

function gateTopics(topics: TopicRepository, gate: Gate, shared: boolean): TopicRepository {
  return {
    capabilities: capabilities(topics.capabilities, shared),
    push: (entries) => gate.call(`topics.push ${entries.length}`, () => topics.push(entries)),
    pop: (topic, limit) => gate.call(`topics.pop ${limit} of ${topic}`, () => topics.pop(topic, limit)),
    popDue: (now, limit) => gate.call("topics.popDue", () => topics.popDue(now, limit)),
    nextDueAt: () => gate.call("topics.nextDueAt", () => topics.nextDueAt()),
    remove: (ids) => gate.call(`topics.remove ${ids.length}`, () => topics.remove(ids)),
    topics: () => gate.call("topics.topics", () => topics.topics()),
    pause: (topic, paused) => gate.call("topics.pause", () => topics.pause(topic, paused)),
    close: () => gate.call("topics.close", () => Promise.resolve()),
  };
}

function gateStore(store: QueueStore, stores: Stores, gate: Gate): QueueStore {
  return {
    ...stores,
    commit: (units) => gate.call(`commit ${describe(units)}`, () => store.commit(units), true),
    reserve: (claims, now) => gate.call("reserve", () => store.reserve(claims, now), true),
    promote: (now, limit) => gate.call("promote", () => store.promote(now, limit), true),
    expire: (now, limit) => gate.call("expire", () => store.expire(now, limit), true),
    async *recover(limit) {
      const pages = store.recover(limit)[Symbol.asyncIterator]();
      for (;;) {
        const page = await gate.call("recover", () => pages.next());
        if (page.done) return;
        yield page.value;
      }
    },
  };
}

/** The simulated time; finding it is a call to the store only where processes have to agree on it. */
function gateClock(clock: Clock, gate: Gate, shared: boolean): Clock {
  const { elapsed, after } = monotonicOf(clock);
  const unlessDead = (ring: () => void) => () => {
    if (!gate.dead) ring();
  };
  return {
    now: () => clock.now(),
    alarm: (at, ring) => clock.alarm(at, unlessDead(ring)),
    sync: () => (shared ? gate.call("clock.sync", async () => clock.sync()) : clock.sync()),
    monotonic: { elapsed, after: (ms, ring) => after(ms, unlessDead(ring)) },
  };
}

function capabilities({ durable, shared: declared }: Capabilities, shared: boolean): Capabilities {
  return { durable, shared: declared || shared };
}

function describe(units: readonly Unit[]): string {
  const parts = units.map(({ insert = [], apply = [], remove = [], purge = [] }) =>
    [
      ...insert.map(({ name }) => `insert ${name}`),
      ...apply.map(({ type }) => type),
      ...remove.map(() => "remove"),
      ...purge.map(() => "purge"),
    ].join("+"),
  );
  return `[${parts.join(", ")}]`;
}
