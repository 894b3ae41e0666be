import { icon, word } from "./words";

/**
 * Places outside the map: a button [data-map-place="lon,lat"] moves the map's mark there; a photo that holds its
 * place offers it by the form's [data-photo-place]; [data-distances] says how far its .far entries are from here.
 * The device's place is only used in the page and never sent.
 */
const EARTH_M = 6_371_008.8;

export function startPlaces(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-map-place]");
    const [lon, lat] = (button?.dataset.mapPlace ?? "").split(",").map(Number);
    if (!button || lon === undefined || lat === undefined) return;
    document.dispatchEvent(new CustomEvent("map:place", { detail: { lon, lat } }));
    button.hidden = true;
  });
  document.addEventListener("photo:place", (event) => {
    const [lon, lat] = (event as CustomEvent<[number, number]>).detail;
    const form = (event.target as Element).closest("form");
    const offer = form?.querySelector<HTMLElement>("[data-photo-place]");
    if (!offer) return;
    offer.dataset.mapPlace = `${lon.toFixed(6)},${lat.toFixed(6)}`;
    offer.hidden = false;
  });
  void startDistances();
}

async function startDistances(): Promise<void> {
  const entries = [...document.querySelectorAll<HTMLElement>(".far[data-lon]")];
  if (!entries.length || !window.isSecureContext || !navigator.geolocation) return;
  const leave = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (leave?.state === "granted") measure(entries);
  else if (leave?.state !== "denied") offer(entries);
}

function offer(entries: HTMLElement[]): void {
  const place = document.querySelector("[data-distances]");
  if (!place) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn quiet sm distances";
  button.append(icon("locate"), word("how-far"));
  button.addEventListener("click", () => {
    button.remove();
    measure(entries);
  });
  place.prepend(button);
}

function measure(entries: HTMLElement[]): void {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      for (const entry of entries) {
        const metres = distance(coords.longitude, coords.latitude, Number(entry.dataset.lon), Number(entry.dataset.lat));
        entry.textContent = ` · ${word("away", { d: far(metres) })}`;
        entry.hidden = false;
      }
    },
    () => undefined, // the list is whole without it
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
  );
}

function far(metres: number): string {
  if (metres < 1000) return `${Math.max(10, Math.round(metres / 10) * 10)} ${word("metres")}`;
  return `${(metres / 1000).toFixed(1)} ${word("kilometres")}`;
}

function distance(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const rad = Math.PI / 180;
  const x = (lon2 - lon1) * rad * Math.cos(((lat1 + lat2) / 2) * rad);
  return Math.hypot(x, (lat2 - lat1) * rad) * EARTH_M;
}
