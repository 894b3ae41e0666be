import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { MapConfig } from "./config";

// No glyph server: MapLibre draws letters from the reader's own fonts.
const FONTS = ["PingFang SC", "HarmonyOS Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "sans-serif"];
const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** Base map sources, each filled after the map has started. */
export const BASE = ["green", "water", "roads", "communities", "grids", "borders", "labels"] as const;

function byZoom(...stops: number[]): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.6], ["zoom"], ...stops] as unknown as ExpressionSpecification;
}

function name(config: MapConfig): ExpressionSpecification {
  const local: ExpressionSpecification = ["coalesce", ["get", "name"], ""];
  if (!config.lang.startsWith("en")) return local;
  return ["case", ["!=", ["coalesce", ["get", "name_en"], ""], ""], ["get", "name_en"], local];
}

function land(): LayerSpecification[] {
  const widths = {
    path: byZoom(14, 0.6, 18, 4),
    minor: byZoom(12, 0.6, 15, 3.5, 18, 16),
    arterial: byZoom(11, 1.2, 15, 7, 18, 30),
    motorway: byZoom(10, 1.4, 15, 9, 18, 36),
  };
  const classes = Object.keys(widths) as (keyof typeof widths)[];
  const casing = classes.slice(1).map((cls): LayerSpecification => ({
    id: `road-edge-${cls}`, type: "line", source: "roads", minzoom: 13, filter: ["==", ["get", "cls"], cls],
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": cls === "minor" ? "#e2e6e4" : "#eadfc4", "line-width": 1.6, "line-gap-width": widths[cls] },
  }));
  const fill = classes.map((cls): LayerSpecification => ({
    id: `road-${cls}`, type: "line", source: "roads", minzoom: cls === "path" ? 14.5 : 10, filter: ["==", ["get", "cls"], cls],
    layout: { "line-cap": cls === "path" ? "butt" : "round", "line-join": "round" },
    paint: {
      "line-color": { path: "#e0e4e1", minor: "#ffffff", arterial: "#fdf3dc", motorway: "#fbe7bb" }[cls],
      "line-width": widths[cls],
      ...(cls === "path" ? { "line-dasharray": [2, 1.5] } : {}),
    },
  }));
  return [
    { id: "green", type: "fill", source: "green", paint: { "fill-color": "#e6f0e3" } },
    { id: "water", type: "fill", source: "water", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#cfe4ee" } },
    {
      id: "water-line", type: "line", source: "water", filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": "#cfe4ee", "line-width": ["match", ["get", "cls"], "river", 6, 2.5] },
    },
    ...casing,
    {
      id: "buildings", type: "fill", source: "buildings", minzoom: 13.5,
      paint: {
        "fill-color": ["match", ["get", "use"], "public", "#d7dff0", "shop", "#efe1d2", "#dfe3e1"],
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0, 14.2, 1],
        "fill-outline-color": "#cdd4d1",
      },
    },
    ...fill,
  ];
}

function borders(config: MapConfig): LayerSpecification[] {
  const chosen = config.grid ?? -1;
  return [
    { id: "grid-chosen", type: "fill", source: "grids", filter: ["==", ["id"], chosen], paint: { "fill-color": "#0f766e", "fill-opacity": 0.08 } },
    {
      id: "borders", type: "line", source: "borders", minzoom: 12,
      paint: { "line-color": "#0f766e", "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.6, 16, 1.6], "line-dasharray": [4, 2.5] },
    },
    { id: "grid-chosen-edge", type: "line", source: "grids", filter: ["==", ["id"], chosen], paint: { "line-color": "#0f766e", "line-width": 2.4 } },
    {
      id: "communities", type: "line", source: "communities",
      paint: { "line-color": "#0f766e", "line-opacity": 0.55, "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.8, 15, 2.4] },
    },
  ];
}

function words(config: MapConfig): LayerSpecification[] {
  const label = name(config);
  const halo = { "text-halo-color": "#ffffff", "text-halo-width": 1.5 };
  const own: LayerSpecification[] = config.tiles ? [] : [
    {
      id: "road-names", type: "symbol", source: "roads", minzoom: 13.5,
      filter: ["all", ["!=", ["coalesce", ["get", "name"], ""], ""], ["!=", ["get", "cls"], "path"]],
      layout: { "symbol-placement": "line", "symbol-spacing": 320, "text-field": label, "text-font": FONTS, "text-size": 12, "text-letter-spacing": 0.08 },
      paint: { "text-color": "#6a5d3c", ...halo },
    },
    {
      id: "building-names", type: "symbol", source: "buildings", minzoom: 16.3, filter: ["!=", ["coalesce", ["get", "name"], ""], ""],
      layout: { "text-field": label, "text-font": FONTS, "text-size": 11.5, "text-max-width": 8 },
      paint: { "text-color": "#52605d", ...halo },
    },
    {
      id: "ground-names", type: "symbol", source: "labels", minzoom: 13.5, filter: ["in", ["get", "kind"], ["literal", ["water", "green"]]],
      layout: { "text-field": label, "text-font": FONTS, "text-size": 12, "text-max-width": 8 },
      paint: { "text-color": ["match", ["get", "kind"], "water", "#2b6680", "#3f6b3a"], ...halo },
    },
  ];
  return [
    ...own,
    {
      id: "grid-names", type: "symbol", source: "labels", minzoom: 13.2, filter: ["==", ["get", "kind"], "grid"],
      layout: {
        "text-field": label, "text-font": FONTS, "text-size": 12.5, "text-max-width": 7,
        "text-variable-anchor": ["center", "bottom", "top", "left", "right"], "text-radial-offset": 1.2,
      },
      paint: { "text-color": "#0b5f58", ...halo },
    },
    {
      id: "community-names", type: "symbol", source: "labels", maxzoom: 14, filter: ["==", ["get", "kind"], "community"],
      layout: { "text-field": label, "text-font": FONTS, "text-size": 14, "text-max-width": 7 },
      paint: { "text-color": "#0b5f58", "text-halo-color": "#ffffff", "text-halo-width": 2 },
    },
  ];
}

/** The pale style over our own data; with outside tiles only borders and names of grids are ours. */
export function styleOf(config: MapConfig): StyleSpecification {
  const sources: StyleSpecification["sources"] = {};
  for (const id of [...BASE, "buildings"]) sources[id] = { type: "geojson", data: EMPTY };
  const tiles = config.tiles?.urls ?? [];
  tiles.forEach((url, n) => {
    sources[`tiles-${n}`] = { type: "raster", tiles: [url], tileSize: 256, maxzoom: 18, attribution: n ? "" : config.tiles?.attribution ?? "" };
  });
  const ground: LayerSpecification[] = tiles.length
    ? tiles.map((_url, n) => ({ id: `tiles-${n}`, type: "raster", source: `tiles-${n}` }))
    : land();
  return {
    version: 8,
    sources,
    layers: [{ id: "paper", type: "background", paint: { "background-color": "#f4f5f4" } }, ...ground, ...borders(config), ...words(config)],
  };
}

export { FONTS, EMPTY };
