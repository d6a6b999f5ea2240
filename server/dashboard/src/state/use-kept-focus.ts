import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/**
 * When the focused element is taken away or disabled, as a button is by what it does, the part of the page that it was in
 * gets the focus, or the heading of the page: otherwise somebody who works by keyboard would be at the top of the page again.
 */
export function useKeptFocus(main: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = main.current;
    if (!element) return;
    /** The element that had the focus last, and the parts that it is in, from the inside out. */
    let path: readonly HTMLElement[] = [];
    const focused = ({ target }: FocusEvent): void => {
      path = pathOf(target as HTMLElement, element);
    };
    const changed = (): void => {
      const [last, ...parts] = path;
      const { activeElement } = document;
      const isLost = activeElement === document.body || activeElement === last;
      if (!last || !isLost || (last.isConnected && !last.matches(":disabled"))) return;
      const part = parts.find((one) => one.isConnected) ?? element.querySelector("h1") ?? element;
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(changed);
    observer.observe(element, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    element.addEventListener("focusin", focused);
    return () => {
      observer.disconnect();
      element.removeEventListener("focusin", focused);
    };
  }, [main]);
}

function pathOf(target: HTMLElement, within: HTMLElement): HTMLElement[] {
  const path = [target];
  for (let one = target.parentElement; one && one !== within; one = one.parentElement) {
    if (one.matches("section[aria-labelledby], section[aria-label]")) path.push(one);
  }
  return path;
}
