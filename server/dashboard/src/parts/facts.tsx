import type { ComponentChildren, JSX } from "preact";

/** One line of a list of facts; a fact without a value is left out. */
export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children?: ComponentChildren;
}): JSX.Element | null {
  if (children === undefined || children === null || children === false || children === "") return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Facts by name. */
export function Facts({ children }: { readonly children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>;
}
