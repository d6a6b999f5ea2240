import type { Change, ChangeType, JobId } from "@jobq/core";
import { TEST_NOW } from "../../test-job.ts";
import { BLOCKERS, PASTS, type Past, type SpecOf, type Step } from "./history.ts";
import { CHANGE_TYPES, held, PROBES, type Probe, type Trial, trialsWith } from "./trial.ts";

const LIMIT = { key: "limit", concurrency: 4 };

const reserve = (id: JobId): Change => ({ type: "reserve", id, by: "first holder", leaseMs: 10_000 });
const earlier = (change: Change): Step => ({ now: TEST_NOW - 5, change });
const admit = (id: JobId, slot = 2): Change => ({ type: "admit", id, slot });
const link = (id: JobId): Change => ({ type: "link", id });
const wake = (id: JobId): Change => ({ type: "wake", id });
const suspend = (id: JobId, awaits: string, at?: number): Change => ({ type: "suspend", id, token: 1, awaits, at });
const finish = (id: JobId): Change => ({ type: "done", id, token: 1, result: "fine" });
const retry = (id: JobId, at?: number): Change => ({ type: "retry", id, token: 1, at, error: "failed" });
const cancel = (id: JobId): Change => ({ type: "cancel", id, reason: "canceled" });

const none = (): readonly Change[] => [];

/** Every state that limits, links, groups, times to live and spans of unique keys make. */
export const LINK_PASTS: readonly Past[] = [
  ["waiting for a slot", { state: "delayed", limit: LIMIT }, none],
  ["waiting for a slot and an instant that came", { state: "delayed", limit: LIMIT, runAt: TEST_NOW }, none],
  ["waiting for a slot and another job", { state: "delayed", limit: LIMIT, blockers: BLOCKERS.slice(0, 1) }, none],
  ["ready with a slot", { state: "delayed", limit: LIMIT }, (id) => [admit(id)]],
  ["ready with a slot from the start", { limit: LIMIT, slot: 0 }, none],
  ["reserved with a slot", { state: "delayed", limit: LIMIT }, (id) => [admit(id), reserve(id)]],
  [
    "tried again with a slot",
    { state: "delayed", limit: LIMIT },
    (id) => [admit(id), reserve(id), retry(id, TEST_NOW + 5)],
  ],
  ["done without its slot", { state: "delayed", limit: LIMIT }, (id) => [admit(id), reserve(id), finish(id)]],
  [
    "reset without its slot",
    { state: "delayed", limit: LIMIT },
    (id) => [admit(id), cancel(id), { type: "reset", id }],
  ],
  ["ready when its time to live has passed", { expiresAt: TEST_NOW }, none],
  ["ready and nearly expired", { expiresAt: TEST_NOW + 1 }, none],
  ["due when its time to live has passed", { state: "delayed", runAt: TEST_NOW - 5, expiresAt: TEST_NOW }, none],
  ["due later than it lives", { state: "delayed", runAt: TEST_NOW + 5, expiresAt: TEST_NOW - 5 }, none],
  ["blocked when its time to live has passed", { state: "delayed", blockers: BLOCKERS, expiresAt: TEST_NOW - 5 }, none],
  [
    "due for a slot when its time to live has passed",
    { state: "delayed", limit: LIMIT, runAt: TEST_NOW, expiresAt: 1 },
    none,
  ],
  ["reserved when its time to live has passed", { expiresAt: TEST_NOW }, (id) => [earlier(reserve(id))]],
  ["suspended until it is woken", {}, (id) => [reserve(id), suspend(id, "")]],
  ["suspended until the end of a group", {}, (id) => [reserve(id), suspend(id, "group")]],
  ["suspended until a group's end or an instant", {}, (id) => [reserve(id), suspend(id, "group", TEST_NOW + 5)]],
  ["suspended until an instant that came", {}, (id) => [earlier(reserve(id)), earlier(suspend(id, "", TEST_NOW))]],
  ["suspended with a slot", { state: "delayed", limit: LIMIT }, (id) => [admit(id), reserve(id), suspend(id, "group")]],
  ["reserved and woken", {}, (id) => [reserve(id), wake(id)]],
  ["woken, then ready again", {}, (id) => [reserve(id), wake(id), retry(id)]],
  ["woken, then suspended no more", {}, (id) => [reserve(id), wake(id), suspend(id, "group", TEST_NOW + 5)]],
  ["waited for by two", {}, (id) => [link(id), link(id)]],
  ["reserved and waited for", {}, (id) => [link(id), reserve(id)]],
  ["done and waited for by one", {}, (id) => [link(id), reserve(id), finish(id)]],
  ["canceled and waited for by two", {}, (id) => [link(id), link(id), cancel(id)]],
  ["done, and all are told", {}, (id) => [link(id), reserve(id), finish(id), { type: "resolve", id, told: 1 }]],
  ["canceled, waited for and reset", {}, (id) => [link(id), cancel(id), { type: "reset", id }]],
  ["queued with a key", { unique: "key", uniqueSpan: "queued" }, none],
  ["reserved with a key that was queued", { unique: "key", uniqueSpan: "queued" }, (id) => [reserve(id)]],
  ["done with a key that is kept", { unique: "key", uniqueSpan: "kept" }, (id) => [reserve(id), finish(id)]],
  ["canceled with a key", { unique: "key" }, (id) => [cancel(id)]],
  ["free of its key", { unique: "key", uniqueSpan: "kept" }, (id) => [{ type: "freeKey", id }]],
  [
    "reserved with everything",
    {
      ...{
        state: "delayed",
        limit: LIMIT,
        unique: "key",
        uniqueSpan: "kept",
        expiresAt: TEST_NOW + 99,
        group: "group",
      },
      ...{ parent: BLOCKERS[0] as JobId, data: '{"origin":"test"}', tags: { env: "prod" } },
    },
    (id) => [link(id), admit(id), reserve(id), wake(id)],
  ],
];

/** For each change of version 2, all the ways of asking for it. */
export const LINK_PROBES = {
  wake: [({ id }) => wake(id)],
  admit: [({ id }) => admit(id, 0), ({ id }) => admit(id, 3)],
  link: [({ id }) => link(id)],
  resolve: [0, 1, 2].map((told) => ({ id }) => ({ type: "resolve", id, told })),
  freeKey: [({ id }) => ({ type: "freeKey", id })],
  check: [
    ({ id }) => ({ type: "check", id }),
    ...BLOCKERS.map(
      (blockedBy): Probe =>
        ({ id }) => ({ type: "check", id, blockedBy }),
    ),
    ({ id }) => ({ type: "check", id, blockedBy: id }),
    ...held((lastToken) => ({ id }) => ({ type: "check", id, lastToken })),
  ],
} satisfies { readonly [T in ChangeType]?: readonly Probe[] };

/** What version 2 added to older changes. */
const MORE_PROBES: readonly Probe[] = [
  ...BLOCKERS.flatMap((by): Probe[] => [
    ({ id }) => ({ type: "unblock", id, by, all: true }),
    ({ id }) => ({ type: "unblock", id, by, fails: true }),
    ({ id }) => ({ type: "unblock", id, by, all: true, fails: true }),
  ]),
  ...held((token) => ({ id }) => ({ type: "suspend", id, token, awaits: "" })),
  ({ id, token }) => ({ type: "suspend", id, token, awaits: "another group" }),
  ({ id, token }) => ({ type: "suspend", id, token, awaits: "", at: TEST_NOW + 5 }),
  ({ id, token }) => ({ type: "suspend", id, token, awaits: "group", at: TEST_NOW }),
];

const EVERY_PAST = [...PASTS, ...LINK_PASTS];

/** Every past with every probe of a change of version 2. */
export function linkTrialsOf(type: keyof typeof LINK_PROBES, first: number, specOf?: SpecOf): Trial[] {
  return trialsWith(LINK_PROBES[type], EVERY_PAST, first, specOf);
}

/** Every past with what was added to older changes, and the pasts of version 2 with the older changes themselves. */
export function mixedTrials(first: number, specOf?: SpecOf): Trial[] {
  const older = CHANGE_TYPES.flatMap((type) => (PROBES[type] ?? []).slice(0, 2));
  return [
    ...trialsWith(MORE_PROBES, EVERY_PAST, first, specOf),
    ...trialsWith(older, LINK_PASTS, first + MORE_PROBES.length * 100, specOf),
  ];
}
