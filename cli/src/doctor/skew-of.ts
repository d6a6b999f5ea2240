import type { Finding } from "./finding.ts";

/** Jobs go by the store's time, so a difference harms nothing but what people read; a large one says that a clock is wrong. */
export function skewOf(skewMs: number, whose: string): Finding {
  const text = `${whose} and this machine's differ by ${Math.round(skewMs)} ms`;
  if (skewMs < 2000) return { level: "good", about: "clock", text };
  return {
    level: "warning",
    about: "clock",
    text,
    advice: "Have both set by NTP: delays and schedules go by the store's.",
  };
}
