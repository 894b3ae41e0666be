import type { MapConfig, LonLat } from "./config";
import { fromGcj, shifted, toGcj } from "./gcj";

/** Between our coordinates and those of the ground drawn: the same, unless outside tiles are in GCJ-02. */
export class Ground {
  readonly bent: boolean;

  constructor(config: MapConfig) {
    this.bent = config.tiles?.crs === "gcj02";
  }

  draw(place: LonLat): LonLat {
    return this.bent ? toGcj(place) : place;
  }

  read(drawn: LonLat): LonLat {
    return this.bent ? fromGcj(drawn) : drawn;
  }

  /** What MapLibre is given as a source's data: the address itself, or the features fetched and shifted. */
  async data(source: string | GeoJSON.FeatureCollection): Promise<string | GeoJSON.FeatureCollection> {
    if (!this.bent) return typeof source === "string" ? new URL(source, location.href).href : source;
    const features = typeof source === "string" ? ((await (await fetch(source)).json()) as GeoJSON.FeatureCollection) : source;
    return shifted(features, toGcj);
  }
}
