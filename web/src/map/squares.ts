import type { GeoJSONSource, Map as MapLibreMap } from "maplibre-gl";
import type { Ground } from "./ground";

/** Buildings are many: they come in squares of a hundredth of a degree, only those in view, only from near. */
const SIDE = 100; // squares a degree
const FROM_ZOOM = 13.5;
const MOST_AT_ONCE = 24;
const MOST_KEPT = 80;

export function keepSquares(map: MapLibreMap, url: string, ground: Ground): void {
  const kept = new Map<string, GeoJSON.Feature[]>();
  const asked = new Set<string>();

  const show = (): void => {
    const seen = new Set<unknown>();
    const features: GeoJSON.Feature[] = [];
    for (const square of kept.values()) {
      for (const feature of square) {
        if (!seen.has(feature.id)) features.push(feature);
        seen.add(feature.id);
      }
    }
    map.getSource<GeoJSONSource>("buildings")?.setData({ type: "FeatureCollection", features });
  };

  const bring = async (key: string): Promise<void> => {
    asked.add(key);
    const answer = await fetch(`${url}?square=${key}`).catch(() => null);
    if (!answer?.ok) {
      asked.delete(key); // asked again at the next move
      return;
    }
    const data = await ground.data((await answer.json()) as GeoJSON.FeatureCollection);
    kept.set(key, (data as GeoJSON.FeatureCollection).features);
    while (kept.size > MOST_KEPT) {
      const oldest = kept.keys().next().value as string;
      kept.delete(oldest);
      asked.delete(oldest);
    }
    show();
  };

  const look = (): void => {
    if (map.getZoom() < FROM_ZOOM) return;
    const box = map.getBounds();
    const [west, south] = ground.read([box.getWest(), box.getSouth()]).map((v) => Math.floor(v * SIDE)) as [number, number];
    const [east, north] = ground.read([box.getEast(), box.getNorth()]).map((v) => Math.floor(v * SIDE)) as [number, number];
    const wanted: string[] = [];
    for (let x = west; x <= east; x += 1) for (let y = south; y <= north; y += 1) wanted.push(`${x},${y}`);
    for (const key of wanted.slice(0, MOST_AT_ONCE)) if (!asked.has(key)) void bring(key);
  };

  map.on("moveend", look);
  look();
}
