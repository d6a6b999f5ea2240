import { type Api, ApiFault, pathOf } from "../../api/api.ts";
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
  // Imported jobs may have ids of any form. They come last: the browser reports an id that is none.
  const imported = isUuid ? undefined : await jobOf(api, text);
  return imported && placeHref(["jobs", imported]);
}

/** The text, when it is the id of a job. */
async function jobOf(api: Api, text: string): Promise<string | undefined> {
  try {
    return (await api.get<{ id: string }>(pathOf("jobs", text))).id;
  } catch (error) {
    if (error instanceof ApiFault && error.status === 404) return undefined;
    throw error;
  }
}
