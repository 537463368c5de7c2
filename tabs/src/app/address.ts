/** The page's own search parameters as state: what a reader sees can be linked to. */
import { useCallback, useMemo, useSyncExternalStore } from "react";

const CHANGED = "switchroom:address";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}

/** Goes to another search string; `push` makes a step that "back" returns from. */
export function goTo(search: URLSearchParams, push: boolean): void {
  const text = search.toString();
  const url = `${location.pathname}${text ? `?${text}` : ""}`;
  if (push) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  window.dispatchEvent(new Event(CHANGED));
}

export function useAddress(): [URLSearchParams, (next: URLSearchParams, push?: boolean) => void] {
  const text = useSyncExternalStore(subscribe, () => location.search);
  const search = useMemo(() => new URLSearchParams(text), [text]);
  const go = useCallback((next: URLSearchParams, push = true) => goTo(next, push), []);
  return [search, go];
}
