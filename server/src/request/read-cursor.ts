import type { JobId } from "@jobq/core";
import type { Backend } from "../backend.ts";
import { invalid } from "../fault.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The job after which a page begins. Ids that are no UUIDs come from imports alone, and are known by being there; with
 * any other text, such as a part of an id, a page would begin anywhere.
 * @throws {Fault} validation_failed
 */
export async function readCursor({ context }: Backend, cursor: string | undefined): Promise<JobId | undefined> {
  if (cursor === undefined || UUID.test(cursor)) return cursor;
  const [job] = await context.jobs.get([cursor]);
  if (job) return cursor;
  throw invalid("cursor", "cursor must be the `next_cursor` of a page");
}
