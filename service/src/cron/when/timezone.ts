import { outOfRange, wrongType } from "@jobq/core";

/**
 * Returns the name of an IANA time zone that this runtime knows, such as `"Europe/Berlin"` or `"UTC"`.
 * @throws {TypeError} not a string
 * @throws {RangeError} an offset such as `"+02:00"`, which knows no daylight saving; a name that is not known
 */
export function checkTimezone(timezone: string): string {
  if (typeof timezone !== "string") throw wrongType("timezone", 'a string like "Europe/Berlin"', timezone);
  if (/^[A-Za-z]/.test(timezone) && isKnown(timezone)) return timezone;
  throw outOfRange("timezone", 'an IANA time zone such as "Europe/Berlin"', timezone);
}

/** Asking the runtime takes 300 µs. */
const known = new Set<string>();

function isKnown(timezone: string): boolean {
  if (known.has(timezone)) return true;
  try {
    known.add(new Intl.DateTimeFormat("en", { timeZone: timezone }) && timezone);
    return true;
  } catch {
    return false; // a RangeError: that is how a runtime tells
  }
}
