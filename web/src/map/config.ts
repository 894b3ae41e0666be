/**
 * What a page tells a map, as JSON in data-map (Python: gezhi.faces.look.maps.map_config). All coordinates are
 * longitude, latitude in WGS84 (CGCS2000 is the same within decimetres); shifting for outside tiles is done here.
 */
export type LonLat = [number, number];
export type Box = [number, number, number, number];
export type Tone = "r" | "a" | "g" | "n" | "b";

export interface MapConfig {
  /** GeoJSON addresses of our own base map; buildings come in squares of a hundredth of a degree. */
  base: {
    roads: string;
    water: string;
    green: string;
    grids: string;
    borders: string;
    communities: string;
    labels: string;
    buildings: string;
  };
  /** Where the map opens: a box to fit, or a middle and zoom. */
  bounds?: Box;
  center?: LonLat;
  zoom?: number;
  /** Case points: an address or the GeoJSON itself. Properties: title, sub, tone, url, panel (an htmx part). */
  points?: string | GeoJSON.FeatureCollection;
  /** One place, marked. */
  pin?: { lon: number; lat: number; tone?: Tone };
  /** Tapping sets these inputs (CSS selectors); each gets a change event. `start` marks what they hold now. */
  pick?: { lon: string; lat: string; accuracy?: string };
  /** The element that lists the points: its [data-point="id"] elements follow the selection and lead it. */
  list?: string;
  /** The area id of a grid to draw stronger. */
  grid?: number;
  /** An outside tile source instead of our base map; several templates are laid over each other. */
  tiles?: { urls: string[]; attribution: string; crs: "wgs84" | "gcj02" };
  attribution: string[];
  lang: string;
  /** The server's picture of the same place, and its frame, for browsers without WebGL. */
  picture?: { url: string; lon: number; lat: number; zoom: number; width: number; height: number };
}
