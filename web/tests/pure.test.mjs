// The pure parts of the scripts, run by Node itself: npm run check
import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const load = async (name) => (await runnerImport(fileURLToPath(new URL(`../src/${name}`, import.meta.url)))).module;
const { fromGcj, shifted, toGcj } = await load("map/gcj.ts");
const { exifOf, setUpright, withExif } = await load("exif.ts");

const metres = ([a, b], [c, d]) => Math.hypot((a - c) * 111_320 * Math.cos((b * Math.PI) / 180), (b - d) * 111_320);

test("GCJ-02 shifts as the published formula does", () => {
  // The pair the common implementations give as their example.
  assert.ok(metres(toGcj([116.404, 39.915]), [116.41024449916938, 39.91640428150164]) < 0.01);
});

test("what is tapped comes back to within a centimetre", () => {
  for (const place of [[116.404, 39.915], [87.6, 43.8], [110.3, 20.0], [126.6, 45.7], [111.3, 30.7]]) {
    assert.ok(metres(fromGcj(toGcj(place)), place) < 0.01, `${place}`);
  }
});

test("outside China nothing is shifted", () => {
  assert.deepEqual(toGcj([-0.1, 51.5]), [-0.1, 51.5]);
});

test("every coordinate of a collection is shifted, points and polygons with holes", () => {
  const ring = [[110, 30], [110.1, 30], [110.1, 30.1], [110, 30]];
  const data = {
    type: "FeatureCollection",
    features: [
      { type: "Feature", id: 1, properties: {}, geometry: { type: "Point", coordinates: [110, 30] } },
      { type: "Feature", id: 2, properties: {}, geometry: { type: "Polygon", coordinates: [ring, ring] } },
    ],
  };
  const moved = shifted(data, ([lon, lat]) => [lon + 1, lat - 1]);
  assert.deepEqual(moved.features[0].geometry.coordinates, [111, 29]);
  assert.deepEqual(moved.features[1].geometry.coordinates[1][2], [111.1, 29.1]);
  assert.deepEqual(data.features[0].geometry.coordinates, [110, 30]);
});

/** A JPEG's beginning with an EXIF block that holds only the orientation. */
function jpeg(orientation, little) {
  const tiff = new DataView(new ArrayBuffer(26));
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, little);
  tiff.setUint32(4, 8, little);
  tiff.setUint16(8, 1, little);
  tiff.setUint16(10, 0x0112, little);
  tiff.setUint16(12, 3, little);
  tiff.setUint32(14, 1, little);
  tiff.setUint16(18, orientation, little);
  const body = [...new TextEncoder().encode("Exif\0\0"), ...new Uint8Array(tiff.buffer)];
  const comment = [0xff, 0xfe, 0, 4, 65, 66];
  return Uint8Array.from([0xff, 0xd8, ...comment, 0xff, 0xe1, 0, body.length + 2, ...body, 0xff, 0xda, 0, 2]);
}

for (const little of [true, false]) {
  test(`the EXIF block is found, set upright and put into another JPEG (${little ? "little" : "big"} endian)`, () => {
    const segment = exifOf(jpeg(6, little));
    assert.equal(segment[1], 0xe1);
    setUpright(segment);
    const whole = withExif(Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2]), segment);
    assert.deepEqual(exifOf(whole), segment);
    assert.deepEqual(exifOf(jpeg(1, little)), segment);
  });
}

test("what is no JPEG, has no EXIF or is cut short is left alone", () => {
  assert.equal(exifOf(Uint8Array.from([0x89, 0x50])), null);
  assert.equal(exifOf(Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 2])), null);
  assert.equal(exifOf(jpeg(6, true).slice(0, 20)), null);
  const short = jpeg(6, true).slice(8, 30);
  setUpright(short);
  assert.equal(short.length, 22);
});
