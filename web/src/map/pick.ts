import { Marker, type Map as MapLibreMap } from "maplibre-gl";
import { toast } from "../toasts";
import { icon, word } from "../words";
import type { LonLat, MapConfig } from "./config";
import type { Ground } from "./ground";
import { pinSvg } from "./pins";

export interface Pick {
  inputs: { lon: HTMLInputElement; lat: HTMLInputElement; accuracy: HTMLInputElement | null };
  set(place: LonLat, accuracy?: number): void;
}

export function inputsOf(config: MapConfig): Pick["inputs"] | null {
  const lon = document.querySelector<HTMLInputElement>(config.pick?.lon ?? "");
  const lat = document.querySelector<HTMLInputElement>(config.pick?.lat ?? "");
  const accuracy = config.pick?.accuracy ? document.querySelector<HTMLInputElement>(config.pick.accuracy) : null;
  return lon && lat ? { lon, lat, accuracy } : null;
}

/** Writes a place into the inputs, six decimals (a decimetre), and tells the page. */
export function write(inputs: Pick["inputs"], [lon, lat]: LonLat, accuracy?: number): void {
  inputs.lon.value = lon.toFixed(6);
  inputs.lat.value = lat.toFixed(6);
  if (inputs.accuracy) inputs.accuracy.value = accuracy === undefined ? "" : String(Math.round(accuracy));
  for (const input of [inputs.lon, inputs.lat]) input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The tools of a map one picks a place on. Keyboard: move with the arrows, Enter takes the middle. */
export function startPick(map: MapLibreMap, config: MapConfig, ground: Ground, host: HTMLElement): void {
  const inputs = config.pick && inputsOf(config);
  if (!inputs) return;
  const element = document.createElement("div");
  element.className = "map-marker";
  element.innerHTML = pinSvg("r");
  const marker = new Marker({ element, anchor: "bottom", draggable: true });
  const say = document.createElement("p");
  say.className = "map-say s";
  say.setAttribute("role", "status");
  say.textContent = word("tap");

  const set = (place: LonLat, accuracy?: number): void => {
    marker.setLngLat(ground.draw(place)).addTo(map);
    write(inputs, place, accuracy);
    say.textContent = word("picked", { lon: place[0].toFixed(5), lat: place[1].toFixed(5) });
  };
  marker.on("dragend", () => set(ground.read(marker.getLngLat().toArray() as LonLat)));
  map.on("click", (event) => set(ground.read(event.lngLat.toArray() as LonLat)));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    set(ground.read(map.getCenter().toArray() as LonLat));
  });

  const tools = document.createElement("div");
  tools.className = "map-tools";
  tools.append(locateButton((place, accuracy) => {
    set(place, accuracy);
    map.easeTo({ center: ground.draw(place), zoom: Math.max(map.getZoom(), 17) });
  }));
  tools.append(say);
  host.append(tools, crosshair());
  const held: LonLat = [Number(inputs.lon.value), Number(inputs.lat.value)];
  if (inputs.lon.value && inputs.lat.value && held.every(Number.isFinite)) {
    marker.setLngLat(ground.draw(held)).addTo(map);
    map.jumpTo({ center: ground.draw(held), zoom: Math.max(map.getZoom(), 16) });
  }
  // Another part of the page may set the place (an address found): it fires map:place with {lon, lat}.
  document.addEventListener("map:place", (event) => {
    if (!host.isConnected) return;
    const { lon, lat } = (event as CustomEvent<{ lon: number; lat: number }>).detail;
    set([lon, lat]);
    map.easeTo({ center: ground.draw([lon, lat]), zoom: Math.max(map.getZoom(), 17) });
  });
}

/** A cross in the middle, shown while the map has the keyboard. */
function crosshair(): HTMLElement {
  const cross = document.createElement("div");
  cross.className = "map-cross";
  cross.setAttribute("aria-hidden", "true");
  return cross;
}

export function locateButton(found: (place: LonLat, accuracy: number) => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.append(icon("locate"), word("here"));
  button.addEventListener("click", () => {
    if (!navigator.geolocation) {
      toast(word("not-located"), "a");
      return;
    }
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        found([coords.longitude, coords.latitude], coords.accuracy);
      },
      () => {
        button.disabled = false;
        toast(word("not-located"), "a");
      },
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
    );
  });
  return button;
}
