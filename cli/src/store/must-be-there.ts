import { access } from "node:fs/promises";
import { JobqError } from "@jobq/core";

/** @throws {JobqError} STORE_FAILED */
export async function mustBeThere(file: string, store: string): Promise<void> {
  try {
    await access(file);
  } catch {
    const message = `there is no store at ${store}; \`jobq serve\` and \`jobq migrate\` make one`;
    throw new JobqError("STORE_FAILED", message, { details: { store } });
  }
}
