import { access } from "node:fs/promises";
import { JobqError } from "@jobq/core";

/** @throws {JobqError} STORE_FAILED */
export async function mustBeThere(file: string, store: string): Promise<void> {
  try {
    await access(file);
  } catch (cause) {
    const { code, message: why } = cause as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" || code === "ENOTDIR";
    const message = isMissing
      ? `there is no store at ${store}; \`jobq serve\` and \`jobq migrate\` make one`
      : `the store at ${store} cannot be opened: ${why}`;
    throw new JobqError("STORE_FAILED", message, { cause, details: { store } });
  }
}
