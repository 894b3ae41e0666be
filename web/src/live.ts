/**
 * Counts that keep up by themselves: [data-live="address"] is asked every half minute while the page is looked
 * at, and once when it is looked at again. The answer says the text of each [data-count="key"]; 304 means
 * nothing has changed. [data-live-news] is shown when the current tab's number is no longer the one of its list.
 */
interface Answer {
  counts: Record<string, string>;
  labels: Record<string, string>;
}
const EVERY_MS = 30_000;

export function startLive(): void {
  const address = document.querySelector<HTMLElement>("[data-live]")?.dataset.live;
  if (!address) return;
  const current = (): string | null | undefined => document.querySelector(".tabs [aria-current] [data-count]")?.textContent;
  const listed = current();
  let tag = "";
  let timer = 0;
  let last = Date.now();

  const wait = (): void => {
    window.clearTimeout(timer);
    if (!document.hidden) timer = window.setTimeout(() => void ask(), Math.max(0, last + EVERY_MS - Date.now()));
  };
  const ask = async (): Promise<void> => {
    last = Date.now();
    try {
      const headers: Record<string, string> = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(address, { headers, cache: "no-store", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) return; // signed out
      if (answer.status === 200) {
        tag = answer.headers.get("ETag") ?? "";
        show((await answer.json()) as Answer);
        const news = document.querySelector<HTMLElement>("[data-live-news]");
        if (news && current() !== listed) news.hidden = false;
      }
    } catch {
      // no network: asked again in half a minute
    }
    wait();
  };
  document.addEventListener("visibilitychange", wait);
  wait();
}

function show(answer: Answer): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-count]")) {
    const text = answer.counts[place.dataset.count ?? ""];
    if (text === undefined || text === place.textContent) continue;
    place.textContent = text;
    place.hidden = text === "";
  }
  for (const [key, label] of Object.entries(answer.labels)) {
    document.querySelector(`[data-count="${CSS.escape(key)}"]`)?.closest("a")?.setAttribute("aria-label", label);
  }
}
