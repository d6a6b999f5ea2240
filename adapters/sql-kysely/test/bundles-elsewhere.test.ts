import { createService, type JobService } from "@jobq/service";
import { type BundleEvent, createBundles } from "@jobq/service/bundle";
import { expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

for (const kind of [sqlite, postgres]) {
  await describeOn(kind, (database) => {
    const service = (): JobService => {
      const kysely = database.connect();
      const { options } = database;
      return createService({
        ...{ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) },
        pollInterval: "50ms",
      });
    };

    it("listeners and streams hear once of a bundle whose members end by another service", async () => {
      await database.clear();
      const [here, there] = [service(), service()];
      const bundles = createBundles(here);
      const heard: string[] = [];
      here.on<BundleEvent>("bundle:ended", ({ id }) => void heard.push(id));
      const stream = here.events({ everywhere: true });
      const { id } = await bundles.enqueue("images", [{ topic: "one", payload: 1 }]);
      const [job] = await there.reserve("one", 1, { wait: "10s" });
      await job?.done();
      for await (const event of stream) if (event.type === "bundle:ended") break;
      await new Promise((resolve) => setTimeout(resolve, 200)); // more looks
      expect(heard).toEqual([id]);
      await Promise.all([here.close(), there.close()]);
    });
  });
}
