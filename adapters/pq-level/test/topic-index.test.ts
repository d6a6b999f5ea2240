import { levelTopics } from "@jobq/pq-level";
import { MemoryLevel } from "memory-level";
import { expect, test, vi } from "vitest";
import { entryKeyOfId, LAYOUT, MODE_KEY, topicKey } from "../src/keys.ts";
import { TopicIndex } from "../src/topic-index.ts";

const entries = (topic: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `${topic}${String(index).padStart(5, "0")}`, topic, weight: 0 }));

test("the windows of many topics are bounded together: those asked for least lately let go", async () => {
  const db = new MemoryLevel();
  const topics = levelTopics(db);
  const names = Array.from({ length: 27 }, (_, index) => `topic-${index}`);
  for (const name of names) await topics.push(entries(name, 2_000));
  const index = await TopicIndex.load(db);
  for (const name of names) await index.first(name, 1);
  const change = index.beginChange();
  change.pause("topic-26", false);
  index.adopt(change); // lets go of what is too much
  const read = vi.spyOn(db, "keys");
  await index.first("topic-26", 1);
  expect(read).not.toHaveBeenCalled();
  expect(await index.first("topic-0", 1)).toHaveLength(1);
  expect(read).toHaveBeenCalledOnce();
});

test("a topic that has been emptied leaves nothing in memory", async () => {
  const db = new MemoryLevel();
  const topics = levelTopics(db);
  for (let index = 0; index < 100; index++) {
    await topics.push(entries(`topic-${index}`, 1));
    await topics.pop(`topic-${index}`, 1);
  }
  expect((await TopicIndex.load(db)).topics()).toEqual([]);
  expect(await topics.topics()).toEqual([]);
});

test.each([
  ["a topic", topicKey("x"), "1[1,0]"],
  ["a place", entryKeyOfId("a"), "gone"],
  ["the mode", MODE_KEY, '1["nobody"]'],
])("a spoiled record is a STORE_FAILED that names it: %s", async (_, key, garbage) => {
  const db = new MemoryLevel();
  await levelTopics(db).push(entries("x", 1));
  await db.put(key, garbage);
  await expect(levelTopics(db).remove(["a"])).rejects.toMatchObject({ code: "STORE_FAILED", details: { key } });
});

test("a store of a newer version is refused", async () => {
  const db = new MemoryLevel();
  await db.put(LAYOUT.versionKey, "2");
  await expect(levelTopics(db).topics()).rejects.toMatchObject({ code: "STORE_VERSION" });
});

test("what is neither a path nor a database, or an unknown durability, is a TypeError", () => {
  expect(() => levelTopics(7 as never)).toThrowError(
    new TypeError("levelTopics takes a path or an abstract-level database, got 7"),
  );
  expect(() => levelTopics(new MemoryLevel(), { durability: "disk" as never })).toThrowError(TypeError);
});

test("after close everything rejects with CLOSED", async () => {
  const topics = levelTopics(new MemoryLevel());
  await topics.close();
  const asked = [topics.push([]), topics.pop("x", 1), topics.popDue(0, 1), topics.nextDueAt(), topics.remove([])];
  for (const answer of [...asked, topics.topics(), topics.pause("x", true)]) {
    await expect(answer).rejects.toMatchObject({ code: "CLOSED" });
  }
});

test("a batch that fails changes nothing in memory", async () => {
  const db = new MemoryLevel();
  const topics = levelTopics(db);
  await topics.push(entries("x", 3));
  const batch = db.batch.bind(db) as () => { write: () => Promise<void> };
  for (const work of [
    () => topics.push(entries("y", 2)),
    () => topics.pop("x", 2),
    () => topics.remove(["x00001"]),
    () => topics.pause("x", true),
  ]) {
    vi.spyOn(db, "batch").mockImplementationOnce(() => {
      return Object.assign(batch(), { write: () => Promise.reject(new Error("full")) }) as never;
    });
    await expect(work()).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await topics.topics()).toEqual([{ topic: "x", ready: 3, delayed: 0, paused: false }]);
  }
  expect(await topics.pop("x", 9)).toEqual(entries("x", 3).map(({ id }) => id));
});
