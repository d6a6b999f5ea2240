import { type JobRepository, ManualClock } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { MemoryLevel } from "memory-level";
import { expect } from "vitest";
import { NOW } from "./harness.ts";

/** Jobs in a LevelDB whose every byte can be read. */
export interface KeptInLevel {
  readonly jobs: JobRepository;
  readonly clock: ManualClock;
  /** Keys and values, as they are stored. */
  readonly kept: () => Promise<string>;
}

export function keptInLevel(): KeptInLevel {
  const db = new MemoryLevel<string, string>();
  const clock = new ManualClock(NOW);
  const kept = async (): Promise<string> => {
    const text = new TextDecoder();
    let all = "";
    const bytes = db.iterator<Uint8Array, Uint8Array>({ keyEncoding: "view", valueEncoding: "view" });
    for await (const [key, value] of bytes) all += `${text.decode(key)} ${text.decode(value)}\n`;
    return all;
  };
  return { jobs: levelJobs(db, { clock }), clock, kept };
}

/** What is kept has that many ciphertexts at least, and the secret nowhere. */
export async function expectInCiphertext(kept: KeptInLevel["kept"], secret: string, least: number): Promise<void> {
  const all = await kept();
  expect(all.match(/enc1\.k1\./g)?.length).toBeGreaterThanOrEqual(least);
  expect(all).not.toContain(secret);
}
