import type { JobId, Topic } from "@jobq/core";
import type { Layout } from "../schema/layout.ts";

/**
 * The name, as SQL, that processes over the same tables notify each other by: that of the table itself, since they may
 * speak of its schema or leave it to the connection.
 */
export function channelOf({ dialect, tables }: Layout): string {
  return `'jobq_push_' || ${dialect.literal(tables.jobs)}::regclass::oid::text`;
}

/** What a process tells others: that it pushed to a topic, or that jobs have ended or are gone. */
export type Hint = { readonly topic: Topic } | { readonly ended: readonly JobId[] | undefined };

/** A hint with who gives it. */
export type SentHint = Hint & { readonly sender: string };

/** PostgreSQL carries less than 8,000 bytes in a notification, and ids as JSON are ASCII. */
const MAX_CHARACTERS = 7_500;
/** More ended jobs than fit into so many notifications are not named: those who wait look at once what has ended. */
const MAX_LISTS = 4;

/** The hints as payloads of notifications. */
export function toPayloads(sender: string, topics: Iterable<Topic>, ended: Iterable<JobId>): string[] {
  const lists = listsOf(ended);
  const told = lists.length > MAX_LISTS ? [[]] : lists;
  return [...topics, ...told].map((hint) => `${sender} ${JSON.stringify(hint)}`);
}

/** The hint in a payload, undefined when it is not one of ours. */
export function fromPayload(payload: string | undefined): SentHint | undefined {
  const [, sender, hint] = /^(\S+) (".*"|\[.*\])$/s.exec(payload ?? "") ?? [];
  if (sender === undefined || hint === undefined) return undefined;
  const value = parsed(hint);
  if (value === undefined) return undefined;
  if (typeof value === "string") return { sender, topic: value };
  return { sender, ended: value.length > 0 ? value : undefined };
}

/** All who may connect may notify, and an error here would end the process. */
function parsed(json: string): Topic | readonly JobId[] | undefined {
  try {
    return JSON.parse(json) as Topic | readonly JobId[];
  } catch {
    return undefined;
  }
}

function listsOf(ids: Iterable<JobId>): JobId[][] {
  const lists: JobId[][] = [];
  let list: JobId[] = [];
  let size = Infinity;
  for (const id of ids) {
    const own = JSON.stringify(id).length + 1;
    size += own;
    if (size > MAX_CHARACTERS) {
      list = [];
      lists.push(list);
      size = own;
    }
    list.push(id);
  }
  return lists;
}
