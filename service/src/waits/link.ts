import { type ChangeOf, isFinal, type JobHead, type JobId, type Note, type Timestamp } from "@jobq/core";

/** How one job waits for another. */
export interface Link {
  /** Whether it waits for all of its blockers, or for any one of them. */
  readonly need: "all" | "any";
  /** What a blocker that was canceled or removed means for it: that it is canceled too, or that it may run. */
  readonly onCanceled: "cancel" | "run";
}

/** The kind of note by which a job knows who waits for its end; the key is the id of the one that waits. */
export const LINK = "link";

/** The note that a blocker keeps. */
export function linkNote(blocker: JobId, dependent: JobId, { need, onCanceled }: Link, at: Timestamp): Note {
  return { id: blocker, kind: LINK, key: dependent, value: JSON.stringify({ need, onCanceled }), at };
}

/** The note by which a job takes the members of a group along when it is canceled; stored with a `link`. */
export function membersLinkNote(parent: JobId, group: string, at: Timestamp): Note {
  return { id: parent, kind: LINK, key: group, value: JSON.stringify({ members: true }), at };
}

/** True for the note of {@link membersLinkNote}. */
export function linksMembers({ value }: Note): boolean {
  return (JSON.parse(value) as { readonly members?: true }).members === true;
}

/** What the one that waits is told when its blocker has ended. */
export function unblockOf({ id, key, value }: Note, blocker: JobHead): ChangeOf<"unblock"> {
  const { need, onCanceled } = JSON.parse(value) as Link;
  const change = { type: "unblock", id: key, by: id } as const;
  if (blocker.state === "done") return need === "any" ? { ...change, all: true } : change;
  if (onCanceled === "run") return need === "any" ? { ...change, all: true } : change;
  return need === "any" ? { ...change, fails: true } : { ...change, all: true, fails: true };
}

/**
 * What is left to wait for when some blockers have ended already: the ids of the others, or that the one who waits can
 * run or is canceled at once.
 */
export function openBlockers(
  blockers: readonly JobHead[],
  { need, onCanceled }: Link,
): readonly JobId[] | "run" | { readonly failedBy: JobId } {
  const open = blockers.filter(({ state }) => !isFinal(state));
  const canceled = blockers.find(({ state }) => state === "canceled");
  const isEnough = blockers.some(({ state }) => state === "done" || (state === "canceled" && onCanceled === "run"));
  if (need === "any" && isEnough) return "run";
  if (onCanceled === "cancel" && canceled && (need === "all" || open.length === 0)) return { failedBy: canceled.id };
  return open.length > 0 ? open.map(({ id }) => id) : "run";
}
