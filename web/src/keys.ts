/**
 * Keys of the console. "/" goes to the search box; in a queue J and K or the arrows move, Enter (the row's own
 * link) and O open, X ticks, Escape closes the side panel; an element with data-key="e" is pressed by E.
 */
export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const box = document.querySelector<HTMLInputElement>("[data-search]");
      if (box) {
        event.preventDefault();
        box.focus();
        box.select();
      }
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if (key === "j" || key === "k") moveRow(key === "j" ? 1 : -1);
    else if ((key === "arrowdown" || key === "arrowup") && inRows(event.target)) {
      event.preventDefault();
      moveRow(key === "arrowdown" ? 1 : -1);
    } else if (key === "o") document.querySelector<HTMLElement>("[data-rows] .row.cur .open")?.click();
    else if (key === "x") tickRow();
    else if (key === "escape") document.querySelector<HTMLElement>("[data-panel-close]")?.click();
    else if (key.length === 1) {
      const button = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
      if (!button) return;
      event.preventDefault();
      button.focus();
      button.click();
    }
  });
}

function typing(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  if (!element?.matches) return false;
  if (element.matches('input[type="checkbox"], input[type="radio"]')) return false;
  return element.isContentEditable || element.matches("input, textarea, select");
}

/** The arrows move rows from a row, a link or nowhere; in menus, maps and choices they do what they always do. */
function inRows(target: EventTarget | null): boolean {
  const element = target as Element | null;
  if (!rows().length || element?.matches?.('input[type="radio"]')) return false;
  return element === document.body || Boolean(element?.closest?.("[data-rows], a, button") && !element.closest(".menu, .map"));
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-rows] .row")];
}

function moveRow(step: number): void {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.classList.contains("cur"));
  const next = all[Math.min(all.length - 1, Math.max(0, here < 0 ? 0 : here + step))]!;
  for (const row of all) row.classList.toggle("cur", row === next);
  next.querySelector<HTMLElement>(".open")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  followWithPanel(next);
}

/** An open side panel goes along with the row, so that E never acts on another case than the marked one. */
let following = 0;
function followWithPanel(row: HTMLElement): void {
  window.clearTimeout(following);
  if (!document.querySelector("#panel")?.childElementCount || row.classList.contains("on")) return;
  following = window.setTimeout(() => row.querySelector<HTMLElement>(".open")?.click(), 150);
}

function tickRow(): void {
  const box = document.querySelector<HTMLInputElement>('[data-rows] .row.cur input[type="checkbox"]');
  box?.click();
}
