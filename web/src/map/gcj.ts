import type { LonLat } from "./config";

// GCJ-02 is WGS84 shifted by a published but odd formula inside mainland China. Tiles of several Chinese map
// services are drawn in it, so what we lay over them must be shifted too, and what is tapped shifted back.

const A = 6_378_245.0;
const EE = 0.006_693_421_622_965_943;

function outside([lon, lat]: LonLat): boolean {
  return lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

function waves(x: number, y: number): [number, number] {
  const { sin, sqrt, abs, PI } = Math;
  const both = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3;
  const lat =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + both +
    ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 +
    ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3;
  const lon =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + both +
    ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 +
    ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3;
  return [lon, lat];
}

/** Where a WGS84 place is drawn on GCJ-02 tiles. */
export function toGcj(place: LonLat): LonLat {
  if (outside(place)) return place;
  const [lon, lat] = place;
  const [dLon, dLat] = waves(lon - 105, lat - 35);
  const radians = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  return [
    lon + (dLon * 180) / ((A / root) * Math.cos(radians) * Math.PI),
    lat + (dLat * 180) / (((A * (1 - EE)) / (magic * root)) * Math.PI),
  ];
}

/** The WGS84 place drawn there, found by repeated correction to within a centimetre. */
export function fromGcj(drawn: LonLat): LonLat {
  let guess: LonLat = [...drawn];
  for (let turn = 0; turn < 10; turn += 1) {
    const [lon, lat] = toGcj(guess);
    const off: LonLat = [lon - drawn[0], lat - drawn[1]];
    guess = [guess[0] - off[0], guess[1] - off[1]];
    if (Math.abs(off[0]) < 1e-7 && Math.abs(off[1]) < 1e-7) break;
  }
  return guess;
}

/** The same features with every coordinate passed through `shift`. */
export function shifted(data: GeoJSON.FeatureCollection, shift: (place: LonLat) => LonLat): GeoJSON.FeatureCollection {
  const walk = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    if (typeof value[0] === "number") return shift([value[0], value[1] as number]);
    return value.map(walk);
  };
  return {
    ...data,
    features: data.features.map((feature) => {
      const geometry = feature.geometry as GeoJSON.Geometry & { coordinates: unknown };
      return { ...feature, geometry: { ...geometry, coordinates: walk(geometry.coordinates) } as GeoJSON.Geometry };
    }),
  };
}
