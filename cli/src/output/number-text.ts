/** A number as people read it: `1,234,567`. */
export function numberText(number: number): string {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** So many jobs, in words. */
export function jobsText(count: number): string {
  return `${numberText(count)} ${count === 1 ? "job" : "jobs"}`;
}
