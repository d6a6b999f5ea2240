import { createBundles } from "@jobq/service/bundle";
import { defineJob, type StandardSchema } from "@jobq/service/worker";
import { describe, expect, test } from "vitest";
import { rig } from "./harness.ts";

const fails: StandardSchema<string> = {
  "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "no text" }] }) },
};
const checked = defineJob("checked", { schema: fails, run: () => {} });
const FINE = { topic: "topic", payload: 1 } as const;
const NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057";

/** Requests of which something is wrong, and the name of the error. */
const WRONG: readonly (readonly [what: string, request: unknown, name: string])[] = [
  ["that is none", null, "TypeError"],
  ["of neither topic nor job", { payload: 1 }, "TypeError"],
  ["with a misspelled member", { ...FINE, option: {} }, "TypeError"],
  ["with a misspelled option", { ...FINE, options: { wieght: 1 } }, "TypeError"],
  ["with a value out of its range", { ...FINE, options: { weight: 1e9 } }, "RangeError"],
  ["with a payload that cannot be encoded", { topic: "topic", payload: 1n }, "JobqError"],
  ["with a payload that its schema does not take", { job: checked, payload: "text" }, "JobqError"],
  ["that waits for a place that there is not", { ...FINE, options: { after: [9] } }, "RangeError"],
  ["that waits for a job that there is not", { ...FINE, options: { after: [NOBODY] } }, "JobqError"],
];

describe.each(WRONG)("a request %s", (_, request, name) => {
  const refused = (path: string) => ({ name, message: expect.stringMatching(new RegExp(`^${path}: \\S`)) });

  test("is named by its place in enqueueMany", async () => {
    const { svc } = await rig();
    await expect(svc.enqueueMany([FINE, request as never])).rejects.toMatchObject(refused("requests\\[1\\]"));
    expect(await svc.find()).toEqual([]);
  });

  test("is named by its place in a bundle, and in one that is in it", async () => {
    const { svc } = await rig();
    const bundles = createBundles(svc);
    const inner = { bundle: "inner", requests: [FINE, FINE, request as never] };
    await expect(bundles.enqueue("bundle", [request as never])).rejects.toMatchObject(refused("requests\\[0\\]"));
    await expect(bundles.enqueue("bundle", [FINE, inner])).rejects.toMatchObject(
      refused("requests\\[1\\]\\.requests\\[2\\]"),
    );
    const open = await bundles.open("open");
    await expect(open.add([FINE, request as never])).rejects.toMatchObject(refused("requests\\[1\\]"));
    expect(await svc.find({ topic: "topic" })).toEqual([]);
  });
});

test("the error of a request keeps its code and details, and the error that it was as its cause", async () => {
  const { svc } = await rig();
  await expect(svc.enqueueMany([{ topic: "topic", payload: 1n }])).rejects.toMatchObject({
    code: "PAYLOAD_INVALID",
    cause: { code: "PAYLOAD_INVALID", message: expect.not.stringContaining("requests") },
  });
  const after = [NOBODY];
  await expect(svc.enqueueMany([{ ...FINE, options: { after } }])).rejects.toMatchObject({ details: { id: NOBODY } });
});

test("a single job has no place to be named by, and neither has what is wrong with the end of a bundle", async () => {
  const { svc } = await rig();
  const bundles = createBundles(svc);
  const without = { message: expect.not.stringContaining("requests") };
  await expect(svc.enqueue("topic", 1n)).rejects.toMatchObject(without);
  await expect(svc.enqueue("topic", 1, { after: [NOBODY] })).rejects.toMatchObject(without);
  await expect(bundles.enqueue("bundle", [], { onEnd: { ...FINE, payload: 1n } })).rejects.toMatchObject(without);
});

test("requests that wait for each other in a circle are named", async () => {
  const { svc } = await rig();
  const circle = [1, 0].map((place) => ({ ...FINE, options: { after: [place] } }));
  await expect(svc.enqueueMany(circle)).rejects.toThrow(/requests\[[01]\], which waits for itself/);
  const inner = { bundle: "inner", requests: circle };
  await expect(createBundles(svc).enqueue("bundle", [inner])).rejects.toThrow(/requests\[0\]\.requests\[[01]\], which/);
});
