import type { JSX } from "preact";

/** The strokes of each icon, in a box of 16 by 16. */
const PATHS = {
  overview: "M2 9h3.5l2-5 2.5 8 1.5-3H14",
  jobs: "M2.5 4h11M2.5 8h11M2.5 12h7",
  dead: "M8 2.5 14 13H2zM8 6.5v3M8 11.4v.1",
  schedules: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2zM8 5v3.2l2 1.3",
  workflows: "M2 3.5h4v3H2zM10 9.5h4v3h-4zM6 5h3a2 2 0 0 1 2 2v2.5",
  bundles: "M8 2 14 5v6l-6 3-6-3V5zM2 5l6 3 6-3M8 8v6",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3 14 14",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  check: "M3 8.5 6.5 12 13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  left: "M10 3 5 8l5 5",
  right: "M6 3l5 5-5 5",
  theme: "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11",
  out: "M6.5 2.5h-4v11h4M10 5l3 3-3 3M13 8H6",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M4.5 3v10l8-5z",
  link: "M6.5 9.5l3-3M7 4.5l1-1a3 3 0 0 1 4.5 4.5l-1 1M9 11.500l-1 1A3 3 0 0 1 3.500 8l1-1",
} as const;

/** The name of an icon. */
export type IconName = keyof typeof PATHS;

/** A small picture beside words: those who do not see it miss nothing. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
