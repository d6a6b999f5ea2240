import type { WireState } from "../../../../src/wire/states.ts";
import type { Query } from "../../api/api.ts";
import { SHOWN_STATES } from "../../format/job-state.ts";
import type { PlaceQuery } from "../../routing/location.ts";

/** How far back a list goes, by when jobs were created. */
export const AGES = [
  { value: "", name: "Any time", ms: undefined },
  { value: "15m", name: "Last 15 minutes", ms: 900_000 },
  { value: "1h", name: "Last hour", ms: 3_600_000 },
  { value: "24h", name: "Last 24 hours", ms: 86_400_000 },
  { value: "7d", name: "Last 7 days", ms: 604_800_000 },
] as const;

/** Which jobs a list shows; empty strings and lists mean all. */
export interface JobListFilter {
  readonly states: readonly WireState[];
  readonly type: string;
  readonly topic: string;
  /** Each as `name:value`. */
  readonly tags: readonly string[];
  /** Such as the id of a bundle, for its members. */
  readonly group: string;
  /** One of {@link AGES}. */
  readonly age: string;
  readonly cursor: string;
}

/** The filter as the address of the page has it. */
export function filterOf(query: URLSearchParams): JobListFilter {
  const given = query.getAll("state");
  return {
    states: SHOWN_STATES.filter((state) => given.includes(state)),
    type: query.get("type") ?? "",
    topic: query.get("topic") ?? "",
    tags: query.getAll("tag"),
    group: query.get("group") ?? "",
    age: query.get("age") ?? "",
    cursor: query.get("cursor") ?? "",
  };
}

/** The filter for the address of the page. */
export function placeQueryOf({ states, tags, ...rest }: JobListFilter): PlaceQuery {
  return { state: states, tag: tags, ...rest };
}

/** The filter for the API. */
export function apiQueryOf({ states, tags, age, ...rest }: JobListFilter, now: number): Query {
  const ms = AGES.find(({ value }) => value === age)?.ms;
  const after = ms === undefined ? undefined : new Date(now - ms).toISOString();
  return { state: states, tag: tags, created_after: after, ...rest };
}

/** True when every job is shown. */
export function isUnfiltered({ states, type, topic, tags, group, age }: JobListFilter): boolean {
  return states.length + tags.length === 0 && type + topic + group + age === "";
}
