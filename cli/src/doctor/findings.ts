import type { Io } from "../io.ts";
import { type Session, withQueue } from "../session.ts";
import { openStore } from "../store/open-store.ts";
import type { Finding } from "./finding.ts";
import { queueFindings } from "./queue-findings.ts";
import { serverFindings } from "./server-findings.ts";
import { skewOf } from "./skew-of.ts";
import { sqlFindings } from "./sql-findings.ts";

/**
 * What there is to say about a server or a store.
 * @throws {JobqError} it cannot be reached, is locked, or of another version
 */
export async function findingsOf(session: Session): Promise<readonly Finding[]> {
  const { io, settings } = session;
  const { target } = settings;
  return withQueue(session, async ({ queue }) => {
    const about = target.kind === "url" ? await serverFindings(target.url) : await storeFindings(target.store, io);
    return [...about, ...(await queueFindings(queue, Date.now()))];
  });
}

async function storeFindings(text: string, io: Io): Promise<readonly Finding[]> {
  const version = { level: "good", about: "version", text: "the store is of the version of this command" } as const;
  if (!/^(sqlite|postgres|postgresql|mysql|mariadb):/.test(text)) return [version];
  const { jobs, topics, sql, close } = await openStore(text, { cwd: io.cwd, create: false });
  try {
    await jobs.clock.sync();
    const skewMs = Math.abs(jobs.clock.now() - Date.now());
    const clock = skewOf(skewMs, "the database's clock");
    return [version, clock, ...(sql ? await sqlFindings(sql) : [])];
  } finally {
    await Promise.all([jobs.close(), topics.close()]);
    await close();
  }
}
