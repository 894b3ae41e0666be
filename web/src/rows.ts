import { word } from "./words";

/**
 * Queues: the row whose panel is open is marked, and the bulk bar counts what is ticked
 * ([data-bulk-count] gets the number in words, [data-bulk-names] the titles, [data-bulk-clear] unticks all).
 */
export function startRows(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as HTMLElement;
    const link = target.closest<HTMLElement>("[data-rows] .row .open");
    if (link && !(event.metaKey || event.ctrlKey || event.shiftKey)) mark(link.closest<HTMLElement>(".row")!);
    if (target.closest("[data-bulk-clear]")) untickAll(target);
    if (target.closest("[data-panel-close]")) {
      for (const row of document.querySelectorAll(".row.on")) row.classList.remove("on");
      document.querySelector<HTMLElement>(".row.cur .open")?.focus();
    }
  });
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.closest("[data-rows]")) count(box);
  });
}

function mark(row: HTMLElement): void {
  for (const other of document.querySelectorAll("[data-rows] .row")) {
    other.classList.toggle("on", other === row);
    other.classList.toggle("cur", other === row);
  }
}

function queueOf(element: HTMLElement): HTMLElement {
  return element.closest<HTMLElement>(".queue") ?? document.body;
}

function boxes(element: HTMLElement): HTMLInputElement[] {
  return [...queueOf(element).querySelectorAll<HTMLInputElement>('[data-rows] .row input[type="checkbox"]')];
}

function untickAll(element: HTMLElement): void {
  for (const box of boxes(element)) box.checked = false;
  count(element);
}

function count(element: HTMLElement): void {
  const ticked = boxes(element).filter((box) => box.checked);
  const queue = queueOf(element);
  const number = queue.querySelector("[data-bulk-count]");
  const names = queue.querySelector("[data-bulk-names]");
  if (number) number.textContent = word("ticked", { n: ticked.length });
  if (names) {
    const titles = ticked.slice(0, 3).map((box) => box.closest(".row")?.querySelector(".open")?.textContent?.trim() ?? "");
    names.textContent = titles.join(word("and")) + (ticked.length > 3 ? "…" : "");
  }
}
