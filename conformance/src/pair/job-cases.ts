import type { JobRepository, QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { insertCases } from "../job/commit/insert-cases.ts";
import { rivalryCases } from "../job/commit/rivalry-cases.ts";
import { unitCases } from "../job/commit/unit-cases.ts";
import { handleCases } from "../job/handle/handle-cases.ts";
import { keyCases } from "../job/keys/key-cases.ts";
import { slotCases } from "../job/keys/slot-cases.ts";
import { uniqueCases } from "../job/keys/unique-cases.ts";
import { uniqueEndCases } from "../job/keys/unique-end-cases.ts";
import { groupCases } from "../job/links/group-cases.ts";
import { linkCases } from "../job/links/link-cases.ts";
import { noteKindCases } from "../job/notes/note-kind-cases.ts";
import { findCases } from "../job/read/find-cases.ts";
import { isolationCases } from "../job/read/isolation-cases.ts";
import { damageCases } from "../job/values/damage-cases.ts";
import { extremeCases } from "../job/values/extreme-cases.ts";
import { fieldCases } from "../job/values/field-cases.ts";
import { sizeCases } from "../job/values/size-cases.ts";

/** Slow ones, which other cases of the pair stand for, and what a pair has no part in. */
const PASSED_OVER = new Set(["J-14", "J-18", "J-194", "J-233"]);

/** The cases of a job repository that a pair has to pass as well, since a fused one may commit in a way of its own. */
const FACTS = [
  ...insertCases,
  ...unitCases,
  ...uniqueCases,
  ...uniqueEndCases,
  ...isolationCases,
  ...handleCases,
  ...rivalryCases,
  ...sizeCases,
  ...extremeCases,
  ...fieldCases,
  ...keyCases,
  ...slotCases,
  ...linkCases,
  ...groupCases,
  ...noteKindCases,
  ...damageCases.filter(({ id }) => id >= "J-252"),
  ...findCases.filter(({ id }) => id === "J-97" || id === "J-98"),
].filter(({ id }) => !PASSED_OVER.has(id));

/** The jobs of the store, committed through the store. */
function through(store: QueueStore): JobRepository {
  const { jobs, topics } = store;
  return {
    capabilities: jobs.capabilities,
    clock: jobs.clock,
    commit: (units) => store.commit(units),
    get: (ids) => jobs.get(ids),
    find: (query) => jobs.find(query),
    nextLeaseEndAt: () => jobs.nextLeaseEndAt(),
    slots: (limitKeys, count) => jobs.slots(limitKeys, count),
    tally: (group) => jobs.tally(group),
    notes: (id, kind) => jobs.notes(id, kind),
    onDamage: (listener) => jobs.onDamage?.(listener) ?? (() => {}),
    async close() {
      await topics.close();
      await jobs.close();
    },
  };
}

/** P-2xx, P-3xx and P-4xx are J-xx, J-1xx and J-2xx, with the commits of the pair. */
export const jobCases: readonly Fact<QueueStore>[] = FACTS.map(({ id, title, needs, run }) => ({
  id: `P-${200 + Number(id.slice("J-".length))}`,
  title: `through the pair: ${title}`,
  ...(needs && { needs }),
  run: ({ store, second, reopen, damage, begin, failAt }) =>
    run({
      store: through(store),
      second: async () => through(await second()),
      reopen: async () => through(await reopen()),
      damage: async (id) => through(await damage(id)),
      begin,
      failAt,
    }),
}));
