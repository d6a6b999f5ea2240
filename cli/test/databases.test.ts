import { expect, it } from "vitest";
import { mysql, postgres, type TestDatabase } from "../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../adapters/sql-kysely/test/suites.ts";
import { folder, jobq } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

/** Where the command line finds a database, with tables of their own prefix. */
function storeAt({ url = "", options: { schema } }: TestDatabase, prefix: string): string {
  const address = new URL(url);
  if (schema !== undefined) address.searchParams.set("schema", schema);
  address.searchParams.set("prefix", prefix);
  return address.href;
}

for (const kind of [postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("is made, filled, looked at and left by the command line", async () => {
      const store = storeAt(database, "cli_");
      const at = ["--store", store, "--json"];
      const missing = await jobq(["list", ...at]);
      expect([missing.code, JSON.parse(missing.stderr).error.code]).toEqual([5, "STORE_VERSION"]);
      expect(json(await jobq(["migrate", ...at])).from).toBe(0);
      const { id } = json(await jobq(["submit", "-t", "mail", "-p", '{"to":"ada"}', "--tag", "tenant=7", ...at]));
      expect(json(await jobq(["list", "--tag", "tenant=7", ...at]))).toMatchObject([{ id, state: "ready" }]);
      expect((await jobq(["cancel", id, ...at])).code).toBe(0);
      expect(json(await jobq(["status", id, ...at]))).toMatchObject({ state: "canceled", payload: { to: "ada" } });
      const cwd = await folder();
      const other = storeAt(database, "other_");
      await jobq(["transfer", store, "sqlite://jobs.db"], { cwd });
      const { stdout } = await jobq(["export", "--store", "sqlite://jobs.db"], { cwd });
      expect(json(await jobq(["import", "--store", other, "--json"], { stdin: stdout })).imported).toBe(1);
      expect(json(await jobq(["purge", "-s", "canceled", "-y", "--store", other, "--json"])).purged).toBe(1);
    });

    it("is looked at by the doctor, settings and transactions too", async () => {
      const at = ["--store", storeAt(database, "doctor_"), "--json"];
      await jobq(["migrate", ...at]);
      const found: { about: string }[] = json(await jobq(["doctor", ...at])).findings;
      const about = found.map((finding) => finding.about);
      expect(about).toEqual(expect.arrayContaining(["version", "clock", "transactions", "durability", "oldest job"]));
    });
  });
}
