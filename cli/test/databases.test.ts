import { sql } from "kysely";
import { expect, it } from "vitest";
import { mysql, postgres } from "../../adapters/sql-kysely/test/databases.ts";
import { describeOn } from "../../adapters/sql-kysely/test/suites.ts";
import { sqlFindings } from "../src/doctor/sql-findings.ts";
import { storeAt } from "./store-at.ts";
import { folder, jobq, serving } from "./terminal.ts";

const json = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout);

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

    it("has transactions as old as they are, whatever the time zone of the session", async () => {
      const [holder, asking] = [database.connect(), database.connect()];
      const { dialect, options: layout } = database;
      const zone = dialect === "mysql" ? "set time_zone = '+05:00'" : "set time zone 5";
      const read = dialect === "mysql" ? " with consistent snapshot" : "";
      await holder.connection().execute(async (held) => {
        await sql.raw(`start transaction${read}`).execute(held);
        await asking.connection().execute(async (kysely) => {
          await sql.raw(zone).execute(kysely);
          const migrate = () => Promise.reject(new Error("not asked for"));
          const about = async () =>
            (await sqlFindings({ kysely, dialect, layout, migrate })).find((one) => one.about === "transactions");
          // InnoDB tells what it told before, as long as it is asked again within 0.1 s.
          const found = expect.poll(about, { interval: 200, timeout: 10_000 });
          await found.toMatchObject({ level: "good", text: expect.stringContaining("process") });
        });
        await sql`rollback`.execute(held);
      });
    });
  });
}

await describeOn(postgres, (database) => {
  it("is served by two servers, of which one hears at once what the other cancels", async () => {
    const store = ["--store", storeAt(database, "two_")];
    const running = await serving([...store, "--workers", "1"]);
    const idle = await serving([...store, "--workers", "0"]);
    const active = async () => (await (await fetch(`${running}/api/v1/stats`)).json()).workers.active_workers;
    const id = (await jobq(["submit", "-t", "sleep", "-p", '"1h"', "--url", idle])).stdout.trim();
    await expect.poll(active, { timeout: 20_000 }).toBe(1);
    expect((await jobq(["cancel", id, "--url", idle])).code).toBe(0);
    await expect.poll(active, { timeout: 5000 }).toBe(0); // by the renewal of the lease it would be 10 s
  });
});
