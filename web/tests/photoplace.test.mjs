// Where a photo says it was taken, read from the EXIF block the camera wrote.
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const path = fileURLToPath(new URL("../src/photoplace.ts", import.meta.url));
const { placeIn } = (await runnerImport(path)).module;

/** An EXIF segment with a GPS directory: parts of degrees as whole numbers over one hundred. */
function segment({ lat, lon, south = false, west = false, little = true, cut = 0 }) {
  const view = new DataView(new ArrayBuffer(200));
  const u16 = (at, value) => view.setUint16(at, value, little);
  const u32 = (at, value) => view.setUint32(at, value, little);
  const entry = (at, tag, type, count, value) => {
    u16(at, tag);
    u16(at + 2, type);
    u32(at + 4, count);
    if (typeof value === "string") view.setUint8(at + 8, value.charCodeAt(0));
    else u32(at + 8, value);
  };
  view.setUint16(0, little ? 0x4949 : 0x4d4d);
  u16(2, 42);
  u32(4, 8);
  u16(8, 1);
  entry(10, 0x8825, 4, 1, 26);
  u16(26, 4);
  entry(28, 1, 2, 2, south ? "S" : "N");
  entry(40, 2, 5, 3, 90);
  entry(52, 3, 2, 2, west ? "W" : "E");
  entry(64, 4, 5, 3, 114);
  for (const [at, parts] of [[90, lat], [114, lon]]) {
    parts.forEach((part, n) => {
      u32(at + n * 8, part);
      u32(at + n * 8 + 4, 100);
    });
  }
  const whole = Uint8Array.from([0xff, 0xe1, 0, 0, ...new TextEncoder().encode("Exif\0\0"), ...new Uint8Array(view.buffer)]);
  return whole.slice(0, whole.length - cut);
}

const near = (found, lon, lat) => assert.ok(found && Math.abs(found[0] - lon) < 1e-6 && Math.abs(found[1] - lat) < 1e-6, `${found}`);
const somewhere = { lat: [3000, 3000, 3600], lon: [11200, 1500, 1800] }; // 30°30'36" and 112°15'18"

for (const little of [true, false]) {
  test(`degrees, minutes and seconds become one number (${little ? "little" : "big"} endian)`, () => {
    near(placeIn(segment({ ...somewhere, little })), 112.255, 30.51);
  });
}

test("south and west are negative", () => {
  near(placeIn(segment({ ...somewhere, south: true, west: true })), -112.255, -30.51);
});

test("a receiver without a fix, an impossible place and a cut block say nothing", () => {
  assert.equal(placeIn(segment({ lat: [0, 0, 0], lon: [0, 0, 0] })), null);
  assert.equal(placeIn(segment({ lat: [9100, 0, 0], lon: [11200, 0, 0] })), null);
  assert.equal(placeIn(segment({ ...somewhere, cut: 80 })), null);
});
