// The live map. Loaded only on pages with an element that carries data-map (see map/config.ts for what it holds).
import { AttributionControl, Map as MapLibreMap, Marker, NavigationControl, ScaleControl, setWorkerUrl, type GeoJSONSource } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { MapConfig } from "./map/config";
import { Ground } from "./map/ground";
import { legend } from "./map/legend";
import { startPick } from "./map/pick";
import { pinSvg } from "./map/pins";
import { addPoints } from "./map/points";
import { keepSquares } from "./map/squares";
import { startStill } from "./map/still";
import { BASE, styleOf } from "./map/style";
import { word } from "./words";

setWorkerUrl(workerUrl);
const started = new Map<HTMLElement, MapLibreMap>();

/** Starts every map not yet started, and lets go of those whose place on the page is gone. */
export function startMaps(root: ParentNode): void {
  for (const [host, map] of started) {
    if (host.isConnected) continue;
    map.remove();
    started.delete(host);
  }
  for (const host of root.querySelectorAll<HTMLElement>("[data-map]:not([data-map-started])")) {
    host.dataset.mapStarted = "1";
    start(host, JSON.parse(host.dataset.map ?? "{}") as MapConfig);
  }
}

function start(host: HTMLElement, config: MapConfig): void {
  if (!document.createElement("canvas").getContext("webgl2")) {
    startStill(host, config);
    return;
  }
  const ground = new Ground(config);
  const container = document.createElement("div");
  host.prepend(container);
  const map = new MapLibreMap({
    container,
    style: styleOf(config),
    ...opening(config, ground),
    minZoom: 8,
    maxZoom: 19,
    maxPitch: 0,
    dragRotate: false,
    attributionControl: false,
    locale: locale(),
    canvasContextAttributes: { preserveDrawingBuffer: Boolean(config.pin) }, // records are printed, with their map
    // a small map of one place must not catch the page's scrolling
    scrollZoom: Boolean(config.points ?? config.pick) || host.matches(".fill"),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 90 }), "bottom-right");
  map.addControl(new AttributionControl({ compact: host.clientWidth < 600, customAttribution: config.attribution }), "bottom-right");
  map.getCanvas().setAttribute("aria-label", host.getAttribute("aria-label") ?? word("map"));
  for (const name of ["role", "aria-label"]) host.removeAttribute(name); // the canvas carries both now
  started.set(host, map);
  host.append(legend(config));
  if (config.pin) mark(map, ground, config.pin);
  startPick(map, config, ground, host);
  fold(host);
  map.once("load", () => void furnish(map, config, ground, host));
}

async function furnish(map: MapLibreMap, config: MapConfig, ground: Ground, host: HTMLElement): Promise<void> {
  host.classList.add("ready");
  await Promise.all(
    BASE.filter((kind) => !config.tiles || ["grids", "borders", "communities", "labels"].includes(kind)).map(async (kind) => {
      const data = await ground.data(config.base[kind]);
      map.getSource<GeoJSONSource>(kind)?.setData(data);
    }),
  );
  if (!config.tiles) keepSquares(map, config.base.buildings, ground);
  await addPoints(map, config, ground, host);
  map.once("idle", () => host.classList.add("drawn")); // for who takes pictures of pages
}

/** On a small map the sources wait behind their button. */
function fold(host: HTMLElement): void {
  const sources = host.querySelector<HTMLDetailsElement>("details.maplibregl-compact");
  sources?.classList.remove("maplibregl-compact-show");
  sources?.removeAttribute("open");
}

function opening(config: MapConfig, ground: Ground): object {
  if (config.pin && !config.bounds) return { center: ground.draw([config.pin.lon, config.pin.lat]), zoom: config.zoom ?? 16 };
  if (config.center) return { center: ground.draw(config.center), zoom: config.zoom ?? 15 };
  if (!config.bounds) return {};
  const [west, south, east, north] = config.bounds;
  return { bounds: [ground.draw([west, south]), ground.draw([east, north])], fitBoundsOptions: { padding: 24 } };
}

function mark(map: MapLibreMap, ground: Ground, pin: NonNullable<MapConfig["pin"]>): void {
  const element = document.createElement("div");
  element.className = "map-marker";
  element.innerHTML = pinSvg(pin.tone ?? "r");
  new Marker({ element, anchor: "bottom" }).setLngLat(ground.draw([pin.lon, pin.lat])).addTo(map);
}

function locale(): Record<string, string> {
  return {
    "Map.Title": word("map"),
    "NavigationControl.ZoomIn": word("zoom-in"),
    "NavigationControl.ZoomOut": word("zoom-out"),
    "AttributionControl.ToggleAttribution": word("map-sources"),
    "ScaleControl.Meters": word("metres"),
    "ScaleControl.Kilometers": word("kilometres"),
    "Popup.Close": word("close"),
    "Marker.Title": word("map-place"),
  };
}
