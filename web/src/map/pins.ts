import type { Tone } from "./config";

export const COLOURS: Record<Tone, string> = { r: "#b91c1c", a: "#d97706", g: "#15803d", n: "#52605d", b: "#1d4ed8" };
// A mark in each pin, so that colour is never the only sign: ! overdue, clock hands due soon, dot in time, ring closed.
const MARKS: Record<Tone, string> = {
  r: '<path d="M13 7.5v6.5M13 17.2v.6" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>',
  a: '<path d="M13 8.2V13h3.6" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" fill="none"/>',
  g: '<circle cx="13" cy="12.6" r="3.4" fill="#fff"/>',
  n: '<circle cx="13" cy="12.6" r="3.2" fill="none" stroke="#fff" stroke-width="2.2"/>',
  b: '<path d="m9 12.8 3 3 5-6" stroke="#fff" stroke-width="2.4" fill="none" stroke-linecap="round" stroke-linejoin="round"/>',
};

/** A pin as SVG text, 26 × 34, its point at the middle of the foot. */
export function pinSvg(tone: Tone): string {
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="52" height="68" viewBox="0 0 26 34">' +
    `<path d="M13 1.2C6.6 1.2 1.4 6.3 1.4 12.6 1.4 20.6 13 32.6 13 32.6s11.6-12 11.6-20C24.6 6.3 19.4 1.2 13 1.2z" fill="${COLOURS[tone]}" stroke="#fff" stroke-width="2"/>` +
    `${MARKS[tone]}</svg>`
  );
}

export function pinImage(tone: Tone): Promise<HTMLImageElement> {
  const image = new Image(52, 68);
  image.src = `data:image/svg+xml,${encodeURIComponent(pinSvg(tone))}`;
  return image.decode().then(() => image);
}
