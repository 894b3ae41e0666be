import { word } from "../words";
import type { LonLat, MapConfig } from "./config";
import { inputsOf, locateButton, write } from "./pick";

const WORLD_M = 40_075_016.686;

/** Without WebGL: the server's picture in place of the live map; where a place is wanted, the picture can be tapped. */
export function startStill(host: HTMLElement, config: MapConfig): void {
  const frame = config.picture;
  if (!frame) return;
  const image = document.createElement("img");
  image.src = frame.url;
  image.alt = word("map");
  const holder = document.createElement("div");
  holder.className = "map-fallback";
  holder.append(image);
  const say = document.createElement("p");
  say.className = "map-say s";
  say.setAttribute("role", "status");
  say.textContent = word("no-map");
  const tools = document.createElement("div");
  tools.className = "map-tools";
  tools.append(say);
  host.replaceChildren(holder, tools);
  host.classList.add("still", "ready");
  const inputs = config.pick ? inputsOf(config) : null;
  if (!inputs) return;
  const set = (place: LonLat, accuracy?: number): void => {
    write(inputs, place, accuracy);
    say.textContent = word("picked", { lon: place[0].toFixed(5), lat: place[1].toFixed(5) });
  };
  tools.prepend(locateButton(set));
  document.addEventListener("map:place", (event) => {
    if (!host.isConnected) return;
    const { lon, lat } = (event as CustomEvent<{ lon: number; lat: number }>).detail;
    set([lon, lat]);
  });
  image.addEventListener("click", (event) => {
    const box = image.getBoundingClientRect();
    // object-fit: cover crops; the middle stays the middle
    const scale = Math.max(box.width / frame.width, box.height / frame.height);
    const x = (event.clientX - box.left - box.width / 2) / scale;
    const y = (event.clientY - box.top - box.height / 2) / scale;
    const degrees = 360 / (512 * 2 ** frame.zoom);
    const metres = (WORLD_M * Math.cos((frame.lat * Math.PI) / 180)) / (512 * 2 ** frame.zoom);
    set([frame.lon + x * degrees, frame.lat - (y * metres * 360) / WORLD_M]);
  });
}
