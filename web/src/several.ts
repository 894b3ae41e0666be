/**
 * A long list of boxes to tick ([data-several]): the search box above it ([data-narrows]) hides what does not
 * fit. What is ticked stays in sight; [data-none] says when nothing fits.
 */
export function startSeveral(): void {
  document.addEventListener("input", (event) => {
    const box = event.target as HTMLInputElement;
    if (box.matches("[data-narrows]")) narrow(box);
  });
  document.addEventListener("keydown", (event) => {
    // Enter in the search box ticks the only agency left instead of sending the form
    const box = event.target as HTMLInputElement;
    if (event.key !== "Enter" || !box.matches?.("[data-narrows]")) return;
    event.preventDefault();
    const left = choices(box).filter((choice) => !choice.hidden && fits(choice, box.value));
    if (left.length === 1) left[0]!.querySelector<HTMLInputElement>("input")?.click();
  });
}

function choices(box: HTMLElement): HTMLElement[] {
  return [...(box.closest("[data-several]")?.querySelectorAll<HTMLElement>(".choice") ?? [])];
}

function fits(choice: HTMLElement, words: string): boolean {
  return (choice.textContent ?? "").toLowerCase().includes(words.trim().toLowerCase());
}

function narrow(box: HTMLInputElement): void {
  let found = 0;
  for (const choice of choices(box)) {
    const fit = fits(choice, box.value);
    if (fit) found += 1;
    choice.hidden = !fit && !choice.querySelector<HTMLInputElement>("input")?.checked;
  }
  const none = box.closest("[data-several]")?.querySelector<HTMLElement>("[data-none]");
  if (none) none.hidden = found > 0;
}
