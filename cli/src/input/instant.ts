import { wrongType } from "@jobq/core";

/**
 * An instant as `2026-01-01T09:00:00Z`, or in local time without a zone.
 * @throws {TypeError} not of that form
 */
export function instant(text: string, what: string): number {
  const at = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(at) && isDay(text)) return at;
  throw wrongType(what, "an instant such as 2026-01-01T09:00:00Z", text);
}

/** False for a day that its month does not have, which `Date.parse` takes for one of the next month. */
function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
