import type { Topic } from "@jobq/core";
import type { Layout } from "../schema/layout.ts";
import { digest } from "../statement/digest.ts";

/** The name that processes over the same tables notify each other by. */
export function channelOf({ schema, prefix }: Layout): string {
  return `jobq_push_${digest(`${schema ?? ""}.${prefix}`)}`;
}

/** A hint as it is sent: who pushed, and to which topic. */
export interface Push {
  readonly sender: string;
  readonly topic: Topic;
}

/** The hint as the payload of a notification. */
export function toPayload({ sender, topic }: Push): string {
  return `${sender} ${JSON.stringify(topic)}`;
}

/** The hint in a payload, undefined when it is not one of ours. */
export function fromPayload(payload: string | undefined): Push | undefined {
  const [, sender, topic] = /^(\S+) (".*")$/s.exec(payload ?? "") ?? [];
  return sender !== undefined && topic !== undefined ? { sender, topic: JSON.parse(topic) as Topic } : undefined;
}
