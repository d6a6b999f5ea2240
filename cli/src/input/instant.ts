import { wrongType } from "@jobq/core";
import { isCalendarDay } from "@jobq/server";

/**
 * An instant as `2026-01-01T09:00:00Z`, or in local time without a zone.
 * @throws {TypeError} not of that form
 */
export function instant(text: string, what: string): number {
  const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(at) && isCalendarDay(text)) return at;
  throw wrongType(what, "an instant such as 2026-01-01T09:00:00Z", text);
}
