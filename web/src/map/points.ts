import { Popup, type GeoJSONSource, type Map as MapLibreMap, type MapGeoJSONFeature } from "maplibre-gl";
import type { LonLat, MapConfig, Tone } from "./config";
import type { Ground } from "./ground";
import { COLOURS, pinImage } from "./pins";
import { FONTS } from "./style";

interface Htmx {
  ajax(method: string, url: string, options: { target: string; swap?: string }): Promise<void>;
}

/** Cases as pins, gathered into counted discs where they crowd; the selection is shared with the page's list. */
export async function addPoints(map: MapLibreMap, config: MapConfig, ground: Ground, host: HTMLElement): Promise<void> {
  if (!config.points) return;
  await addImages(map);
  map.addSource("points", {
    type: "geojson", data: await ground.data(config.points), promoteId: "id", cluster: true, clusterRadius: 36, clusterMaxZoom: 15,
    clusterProperties: {
      late: ["+", ["case", ["==", ["get", "tone"], "r"], 1, 0]],
      soon: ["+", ["case", ["==", ["get", "tone"], "a"], 1, 0]],
    },
  });
  map.addLayer({
    id: "crowds", type: "circle", source: "points", filter: ["has", "point_count"],
    paint: {
      "circle-color": ["case", [">", ["get", "late"], 0], COLOURS.r, [">", ["get", "soon"], 0], "#b45309", COLOURS.g],
      "circle-radius": ["step", ["get", "point_count"], 13, 10, 16, 50, 20],
      "circle-stroke-color": "#ffffff", "circle-stroke-width": 2,
    },
  });
  map.addLayer({
    id: "crowd-numbers", type: "symbol", source: "points", filter: ["has", "point_count"],
    layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONTS, "text-size": 12, "text-allow-overlap": true },
    paint: { "text-color": "#ffffff" },
  });
  map.addLayer({
    id: "chosen", type: "circle", source: "points", filter: ["==", ["get", "id"], ""],
    paint: { "circle-radius": 22, "circle-color": "#0f766e", "circle-opacity": 0.18, "circle-stroke-color": "#0f766e", "circle-stroke-width": 2, "circle-translate": [0, -16] },
  });
  map.addLayer({
    id: "cases", type: "symbol", source: "points", filter: ["!", ["has", "point_count"]],
    layout: {
      "icon-image": ["concat", "pin-", ["coalesce", ["get", "tone"], "n"]], "icon-anchor": "bottom", "icon-allow-overlap": true,
      "icon-size": 1, "symbol-sort-key": ["match", ["get", "tone"], "r", 3, "a", 2, "g", 1, 0],
    },
  });
  listen(map, config, ground);
  host.dataset.points = "ready";
}

async function addImages(map: MapLibreMap): Promise<void> {
  for (const tone of Object.keys(COLOURS) as Tone[]) {
    if (!map.hasImage(`pin-${tone}`)) map.addImage(`pin-${tone}`, await pinImage(tone), { pixelRatio: 2 });
  }
}

function listen(map: MapLibreMap, config: MapConfig, ground: Ground): void {
  const list = config.list ? document.querySelector<HTMLElement>(config.list) : null;
  map.on("click", "crowds", (event) => {
    const crowd = event.features?.[0];
    if (!crowd) return;
    const source = map.getSource<GeoJSONSource>("points");
    void source?.getClusterExpansionZoom(Number(crowd.properties.cluster_id)).then((zoom) => {
      map.easeTo({ center: placeOf(crowd), zoom: Math.min(zoom + 0.3, 18) });
    });
  });
  map.on("click", "cases", (event) => {
    const feature = event.features?.[0];
    if (feature) choose(map, feature, list);
  });
  for (const layer of ["cases", "crowds"]) {
    map.on("mouseenter", layer, () => void (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => void (map.getCanvas().style.cursor = ""));
  }
  list?.addEventListener("click", (event) => {
    const item = (event.target as Element).closest<HTMLElement>("[data-point]");
    if (!item?.dataset.lon || !item.dataset.lat) return;
    mark(map, item.dataset.point ?? "", list);
    const place = ground.draw([Number(item.dataset.lon), Number(item.dataset.lat)]);
    map.easeTo({ center: place, zoom: Math.max(map.getZoom(), 16) });
  });
}

function placeOf(feature: MapGeoJSONFeature): LonLat {
  return (feature.geometry as GeoJSON.Point).coordinates as LonLat;
}

function choose(map: MapLibreMap, feature: MapGeoJSONFeature, list: HTMLElement | null): void {
  const { id, title, sub, url, panel } = feature.properties as Record<string, string>;
  mark(map, String(id ?? feature.id ?? ""), list);
  if (panel && document.querySelector("#panel")) {
    const htmx = (window as unknown as { htmx?: Htmx }).htmx;
    void htmx?.ajax("GET", panel, { target: "#panel" });
    return;
  }
  const box = document.createElement("div");
  const heading = document.createElement(url ? "a" : "b");
  heading.textContent = title ?? "";
  heading.className = url ? "link strong" : "";
  if (url) heading.setAttribute("href", url);
  const line = document.createElement("div");
  line.className = "muted s";
  line.textContent = sub ?? "";
  box.append(heading, line);
  new Popup({ offset: [0, -34], closeButton: true, maxWidth: "280px" }).setLngLat(placeOf(feature)).setDOMContent(box).addTo(map);
}

function mark(map: MapLibreMap, id: string, list: HTMLElement | null): void {
  map.setFilter("chosen", ["==", ["to-string", ["get", "id"]], id]);
  for (const item of list?.querySelectorAll<HTMLElement>("[data-point]") ?? []) {
    const here = item.dataset.point === id;
    if (!here) item.removeAttribute("aria-current");
    else {
      item.setAttribute("aria-current", "true");
      item.scrollIntoView({ block: "nearest" });
    }
  }
}
