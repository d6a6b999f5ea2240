import { describe, expect, it } from "vitest";
import { folder, jobq, serving } from "./terminal.ts";

interface Found {
  readonly level: string;
  readonly about: string;
}

const findings = ({ stdout }: { readonly stdout: string }): Record<string, string> =>
  Object.fromEntries((JSON.parse(stdout).findings as Found[]).map(({ about, level }) => [about, level]));

describe("jobq doctor", () => {
  it("looks at a server", async () => {
    const ran = await jobq(["doctor", "--url", await serving(), "--json"]);
    expect(ran.code).toBe(0);
    expect(findings(ran)).toMatchObject({ server: "good", clock: "good", leases: "good", history: "good" });
  });

  it.each(["level://data", "sqlite://jobs.db"])(
    "looks at %s, and warns of dead letters and of paused topics",
    async (store) => {
      const cwd = await folder();
      const at = ["--store", store];
      await jobq(["migrate", ...at], { cwd });
      await jobq(["submit", "-t", "mail", ...at], { cwd });
      expect(findings(await jobq(["doctor", "--json", ...at], { cwd }))).toMatchObject({
        version: "good",
        "oldest job": "good",
      });
      await jobq(["pause", "mail", ...at], { cwd });
      const ran = await jobq(["doctor", "--json", ...at], { cwd });
      expect([ran.code, findings(ran).paused]).toEqual([0, "warning"]);
      expect((await jobq(["doctor", ...at], { cwd })).stdout).toContain("jobq resume");
    },
  );
});
