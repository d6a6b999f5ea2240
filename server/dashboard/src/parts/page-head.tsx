import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** The heading of a page. It is given the focus when the page is entered, so that screen readers say where one is. */
export function PageHead({
  title,
  heading,
  actions,
  children,
}: {
  /** As it stands in the title of the window. */
  readonly title: string;
  /** What is shown, where that is more than the title. */
  readonly heading?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** A line below it. */
  readonly children?: ComponentChildren;
}): JSX.Element {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · jobq`;
  }, [title]);
  useEffect(() => {
    const { dataset } = document.body;
    const { hash } = window.location;
    // Not when the first page is opened, since nobody left another, nor when what was loaded has another heading.
    if (dataset.entered !== undefined && dataset.entered !== hash) ref.current?.focus({ preventScroll: true });
    dataset.entered = hash;
    window.scrollTo(0, 0);
  }, []);
  return (
    <div class="page-head">
      <div class="page-head-text">
        <h1 ref={ref} tabIndex={-1}>
          {heading ?? title}
        </h1>
        {children}
      </div>
      {actions && <div class="page-actions">{actions}</div>}
    </div>
  );
}
