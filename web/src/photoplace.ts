/** Where a JPEG says it was taken, as [longitude, latitude]; null when it does not say. `segment` as exifOf gives it. */
export function placeIn(segment: Uint8Array): [number, number] | null {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
  try {
    return gps(view, 10); // marker 2, length 2, "Exif\0\0" 6
  } catch (error) {
    if (error instanceof RangeError) return null; // a cut or broken header says nothing
    throw error;
  }
}

function gps(view: DataView, tiff: number): [number, number] | null {
  const little = view.getUint16(tiff) === 0x4949;
  const entries = (at: number): Map<number, number> => {
    const found = new Map<number, number>();
    const count = view.getUint16(at, little);
    for (let n = 0; n < count; n += 1) found.set(view.getUint16(at + 2 + n * 12, little), at + 2 + n * 12);
    return found;
  };
  const pointer = entries(tiff + view.getUint32(tiff + 4, little)).get(0x8825);
  if (pointer === undefined) return null;
  const ifd = entries(tiff + view.getUint32(pointer + 8, little));
  const degrees = (ref: number, value: number, minus: string): number => {
    const side = ifd.get(ref);
    const entry = ifd.get(value);
    if (side === undefined || entry === undefined || view.getUint32(entry + 4, little) !== 3) return NaN;
    const at = tiff + view.getUint32(entry + 8, little);
    const part = (n: number): number => view.getUint32(at + n * 8, little) / view.getUint32(at + n * 8 + 4, little);
    const size = part(0) + part(1) / 60 + part(2) / 3600;
    return String.fromCharCode(view.getUint8(side + 8)) === minus ? -size : size;
  };
  const lat = degrees(1, 2, "S");
  const lon = degrees(3, 4, "W");
  const sound = Math.abs(lon) <= 180 && Math.abs(lat) <= 90 && (lon !== 0 || lat !== 0); // false for NaN
  return sound ? [lon, lat] : null;
}
