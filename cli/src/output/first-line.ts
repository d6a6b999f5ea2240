/** The most of a line that lists show of a text whose length somebody else chose. */
const MAX_LENGTH = 200;

/** What a text says at once: the first line that has something, cut where it is long, without what steers a terminal. */
export function firstLine(text: string): string {
  const line = text.split(/[\r\n\u2028\u2029]+/).find((one) => one.trim() !== "") ?? "";
  const clean = [...line.replace(/[\p{Cc}\p{Cf}]/gu, " ").trim()];
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH - 1).join("")}…` : clean.join("");
}
