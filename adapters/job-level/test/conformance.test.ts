import { jobRepositorySuite, WriteFaults } from "@jobq/conformance";
import { levelJobs } from "@jobq/job-level";
import { ClassicLevel } from "classic-level";
import { describe, it } from "vitest";
import { damageHead, directory } from "./databases.ts";
import { FaultyLevel } from "./faulty-level.ts";

jobRepositorySuite(
  { describe, it },
  {
    name: "job-level over a path",
    async open() {
      const { path, remove } = await directory();
      const open = () => levelJobs(path, { durability: "process" });
      return { store: open(), reopen: async () => open(), damage: (id) => damageHead(path, id), dispose: remove };
    },
  },
);

jobRepositorySuite(
  { describe, it },
  {
    name: "job-level over a sublevel of a classic-level",
    async open() {
      const { path, remove } = await directory();
      const db = new ClassicLevel<string, number>(path, { valueEncoding: "json" });
      const open = () => levelJobs(db.sublevel<string, string>("jobs", { valueEncoding: "json" }));
      const dispose = async () => {
        await db.close();
        await remove();
      };
      return { store: open(), reopen: async () => open(), dispose };
    },
  },
);

jobRepositorySuite(
  { describe, it },
  {
    name: "job-level over a memory-level",
    async open() {
      const faults = new WriteFaults();
      return { store: levelJobs(new FaultyLevel(faults)), failAt: faults.failAt };
    },
  },
);
