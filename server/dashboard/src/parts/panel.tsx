import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";

/** A part of a page with a heading. */
export function Panel({
  title,
  actions,
  flush = false,
  children,
}: {
  readonly title: string;
  readonly actions?: ComponentChildren;
  /** True when what is in it reaches its edges, as a table does. */
  readonly flush?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <section class={flush ? "panel flush" : "panel"} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {actions && <div class="panel-actions">{actions}</div>}
      </header>
      <div class="panel-body">{children}</div>
    </section>
  );
}
