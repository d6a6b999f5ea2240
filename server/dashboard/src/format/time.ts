const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest units, such as `3m 20s`. */
export function durationText(ms: number): string {
  const length = Math.max(0, ms);
  if (length < SECOND) return `${Math.round(length)}ms`;
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toFixed(1)}s`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)}s`;
  if (length < HOUR) return two(length, MINUTE, "m", SECOND, "s");
  if (length < DAY) return two(length, HOUR, "h", MINUTE, "m");
  return two(length, DAY, "d", HOUR, "h");
}

/** How long ago, or until, an instant is: `2m ago`, `in 3h`. */
export function agoText(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < SECOND) return "now";
  const text = one(Math.abs(ms));
  return ms > 0 ? `${text} ago` : `in ${text}`;
}

/** An instant with its day, in the reader's time zone. */
export function instantText(at: number): string {
  return INSTANT.format(at);
}

/** The time of day of an instant, to the millisecond. */
export function clockText(at: number): string {
  return CLOCK.format(at);
}

const INSTANT = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const first = `${Math.floor(ms / large)}${largeName}`;
  return rest === 0 ? first : `${first} ${rest}${smallName}`;
}

function one(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}
