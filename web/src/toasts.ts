import { icon, word } from "./words";

export type Tone = "n" | "g" | "a" | "r";
const STAYS_MS = 6000;

/** Says something at the foot of the page, read out by screen readers. Errors stay until closed. */
export function toast(text: string, tone: Tone = "n"): void {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const box = document.createElement("div");
  box.className = `toast ${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", word("close"));
  close.append(icon("close"));
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  place.append(box);
  if (tone !== "r") setTimeout(() => box.remove(), STAYS_MS);
}
