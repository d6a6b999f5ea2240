import type { Api } from "../../api/api.ts";

/** What is known of a topic. */
export interface TopicRow {
  readonly topic: string;
  readonly ready: number;
  readonly running: number;
  readonly delayed: number;
  readonly paused: boolean;
  readonly oldestJob: string | undefined;
  readonly oldestAt: string | undefined;
}

interface TopicForm {
  readonly topic: string;
  readonly paused: boolean;
  readonly oldest_job?: string;
  readonly oldest_created_at?: string;
}

interface TallyForm {
  readonly topic: string;
  readonly state: "delayed" | "ready" | "reserved" | "done" | "canceled";
  readonly count: number;
}

/** Every topic that has jobs of any state or is paused, those with the most to do first. */
export async function loadTopics(api: Api, signal: AbortSignal): Promise<readonly TopicRow[]> {
  const [{ topics }, { tally }] = await Promise.all([
    api.get<{ topics: readonly TopicForm[] }>("topics", { oldest: true }, signal),
    api.get<{ tally: readonly TallyForm[] }>("tally", {}, signal),
  ]);
  const known = new Map(topics.map((form) => [form.topic, form]));
  const counts = new Map(tally.map(({ topic, state, count }) => [`${state} ${topic}`, count]));
  const names = new Set([...known.keys(), ...tally.map(({ topic }) => topic)]);
  const rows = [...names].map((topic) => {
    const form = known.get(topic);
    return {
      topic,
      ready: counts.get(`ready ${topic}`) ?? 0,
      running: counts.get(`reserved ${topic}`) ?? 0,
      delayed: counts.get(`delayed ${topic}`) ?? 0,
      paused: form?.paused ?? false,
      oldestJob: form?.oldest_job,
      oldestAt: form?.oldest_created_at,
    };
  });
  return rows.sort((a, b) => b.ready + b.running - a.ready - a.running || (a.topic < b.topic ? -1 : 1));
}
