// A photo made smaller on a canvas loses its EXIF block, and with it the time and place it was taken: evidence the
// server reads (and then strips itself). So the block is carried over, with the orientation set to upright because
// the canvas has already turned the picture.

const SOI = 0xd8;
const APP1 = 0xe1;
const START_OF_SCAN = 0xda;
const ORIENTATION = 0x0112;

/** The EXIF segment of a JPEG (marker and length included), or null. */
export function exifOf(jpeg: Uint8Array): Uint8Array | null {
  if (jpeg[0] !== 0xff || jpeg[1] !== SOI) return null;
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== START_OF_SCAN) {
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!;
    const end = at + 2 + length;
    if (length < 2 || end > jpeg.length) return null;
    const named = String.fromCharCode(...jpeg.subarray(at + 4, at + 8));
    if (jpeg[at + 1] === APP1 && named === "Exif") return jpeg.slice(at, end);
    at = end;
  }
  return null;
}

/** Says "upright" in an EXIF segment, in place. */
export function setUpright(segment: Uint8Array): void {
  const tiff = 10; // marker 2, length 2, "Exif\0\0" 6
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  if (segment.length < tiff + 8) return;
  const little = view.getUint16(tiff) === 0x4949;
  const first = tiff + view.getUint32(tiff + 4, little);
  if (first + 2 > segment.length) return;
  const entries = view.getUint16(first, little);
  for (let n = 0; n < entries; n += 1) {
    const entry = first + 2 + n * 12;
    if (entry + 12 > segment.length) return;
    if (view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
  }
}

/** The same JPEG with this segment right after its start. */
export function withExif(jpeg: Uint8Array, segment: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(jpeg.length + segment.length);
  whole.set(jpeg.subarray(0, 2), 0);
  whole.set(segment, 2);
  whole.set(jpeg.subarray(2), 2 + segment.length);
  return whole;
}
