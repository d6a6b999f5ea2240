import type { JSX } from "preact";

/** Something the user is told. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "good" | "bad";
}

/** What the user was told lately. */
export function Toasts({ toasts }: { readonly toasts: readonly Toast[] }): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, text, tone }) => (
        <p key={id} class={`toast toast-${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
