/** Something that the doctor looked at. */
export interface Finding {
  readonly level: "good" | "warning" | "bad";
  readonly about: string;
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string | undefined;
}
