const WHOLE = new Intl.NumberFormat();
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** A whole number with its thousands apart. */
export function countText(count: number): string {
  return WHOLE.format(count);
}

/** A number in few characters, such as `12.3K`. */
export function shortCount(count: number): string {
  return SHORT.format(count);
}

/** `1 job`, `2 jobs`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
