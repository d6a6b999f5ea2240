import type { Api } from "../../api/api.ts";
import { placeHref } from "../../routing/location.ts";

interface Page {
  readonly jobs: readonly { readonly id: string }[];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Where the jobs are that a text names: the job of that id or unique key, or the list of those with that tag, type or
 * topic. Undefined when there are none.
 */
export async function searchJobs(api: Api, text: string): Promise<string | undefined> {
  const isThere = async (query: Record<string, string>): Promise<string | undefined> => {
    const { jobs } = await api.get<Page>("jobs", { ...query, limit: 1 });
    return jobs[0]?.id;
  };
  const isUuid = UUID.test(text);
  const found = (isUuid ? await jobOf(api, text) : undefined) ?? (await isThere({ unique_key: text }));
  if (found) return placeHref(["jobs", found]);
  if (/^[^:]+:./.test(text) && (await isThere({ tag: text }))) return placeHref(["jobs"], { tag: text });
  const [byType, byTopic] = await Promise.all([isThere({ type: text }), isThere({ topic: text })]);
  if (byType) return placeHref(["jobs"], { type: text });
  if (byTopic) return placeHref(["jobs"], { topic: text });
  const imported = isUuid ? undefined : await jobOf(api, text); // imported jobs may have ids of any form
  return imported && placeHref(["jobs", imported]);
}

/** What an id may be, but for the longest. */
const ID = /^[!-~]{1,63}$/;

/**
 * The text, when it is the id of a job: then no id comes between it and the text with one more character, the first of
 * those that ids have. To get a job that is not there would be a failed request in the browser's console.
 */
async function jobOf(api: Api, text: string): Promise<string | undefined> {
  if (!ID.test(text)) return undefined;
  const { jobs } = await api.post<Page>("records/find", { order: "newest", before: `${text}!`, limit: 1 });
  return jobs[0]?.id === text ? text : undefined;
}
