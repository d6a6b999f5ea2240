import { dataOfBackoff } from "@jobq/core";
import type { HeadFields, RareSpec } from "./head-fields.ts";

/** What version 1 had in place of `group`. */
interface RareSpec1 extends RareSpec {
  readonly bundle?: string | undefined;
}

const FIELDS_1 = 14;

/** The head in a record of version 1, which had two fields for what `data` says now; undefined if it is none. */
export function fromVersion1(fields: unknown): HeadFields | undefined {
  if (!Array.isArray(fields) || fields.length !== FIELDS_1) return undefined;
  const [batch, topic, name, weight, createdAt, maxRetries, maxLeaseLosses, timeoutMs, minMs, maxMs, spec, ...rest] =
    fields as unknown[];
  const { bundle: group, ...rare } = (spec || {}) as RareSpec1;
  const data = rare.data ?? dataOfBackoff(minMs as number, maxMs as number);
  const isPlain = group === undefined && data === undefined && Object.keys(rare).length === 0;
  return [
    ...[batch, topic, name, weight, createdAt, maxRetries, maxLeaseLosses, timeoutMs],
    isPlain ? 0 : { ...rare, group, data },
    ...rest,
  ] as unknown as HeadFields;
}
