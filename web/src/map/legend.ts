import { word } from "../words";
import type { MapConfig, Tone } from "./config";
import { pinSvg } from "./pins";

const LINE = '<svg viewBox="0 0 14 14" aria-hidden="true"><path d="M0 7h14" stroke="#0f766e" stroke-width="2" stroke-dasharray="4 2.5"/></svg>';

/** What the signs on the map mean, always shown. */
export function legend(config: MapConfig): HTMLElement {
  const box = document.createElement("div");
  box.className = "map-legend";
  const add = (drawing: string, text: string): void => {
    const item = document.createElement("span");
    item.innerHTML = drawing;
    item.append(text);
    box.append(item);
  };
  add(LINE, word("legend-grid"));
  if (config.points) {
    const tones: [Tone, string][] = [["r", "legend-overdue"], ["a", "legend-soon"], ["g", "legend-open"], ["n", "legend-done"]];
    for (const [tone, key] of tones) add(pinSvg(tone), word(key));
  }
  return box;
}
