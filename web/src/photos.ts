import { exifOf, setUpright, withExif } from "./exif";
import { placeIn } from "./photoplace";
import { toast } from "./toasts";
import { icon, word } from "./words";

/**
 * <input type="file" data-photos="9">: shows small pictures of what was chosen in the next [data-picked] and makes
 * large photos smaller before they are sent (cheap phones, slow nets), keeping when and where they were taken.
 * Without scripts the plain input works as it is.
 */
const LONG_SIDE = 2048;
const SMALL_ENOUGH = 900_000;

const kept = new WeakMap<HTMLInputElement, File[]>();

export function startPhotos(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>('input[type="file"][data-photos]:not([data-started])')) {
    input.dataset.started = "1";
    input.addEventListener("change", () => void chosen(input));
  }
}

/** Adds what was chosen to what was chosen before: phones hand over one photo at a time. */
async function chosen(input: HTMLInputElement): Promise<void> {
  const most = Number(input.dataset.photos) || 9;
  const before = kept.get(input) ?? [];
  const fresh = [...(input.files ?? [])];
  if (before.length + fresh.length > most) toast(word("too-many-photos", { n: most }), "a");
  const added = fresh.slice(0, most - before.length);
  hold(input, [...before, ...added]); // at once: more may be chosen, or the form sent, before they are smaller
  void tellPlace(input, [...before, ...added]);
  input.setAttribute("aria-busy", "true");
  for (const file of added) {
    const light = await smaller(file);
    hold(input, (kept.get(input) ?? []).map((held) => (held === file ? light : held)));
  }
  input.removeAttribute("aria-busy");
}

function hold(input: HTMLInputElement, files: File[]): void {
  const ready = new DataTransfer();
  for (const file of files) ready.items.add(file);
  input.files = ready.files;
  kept.set(input, files);
  show(input, files);
}

/** Tells the page where the first photo that says so was taken: the event photo:place. */
async function tellPlace(input: HTMLInputElement, files: File[]): Promise<void> {
  for (const file of files) {
    const segment = await exifSegment(file);
    const place = segment && placeIn(segment);
    if (!place) continue;
    input.dispatchEvent(new CustomEvent("photo:place", { bubbles: true, detail: place }));
    return;
  }
}

async function exifSegment(file: File): Promise<Uint8Array | null> {
  return exifOf(new Uint8Array(await file.slice(0, 256 * 1024).arrayBuffer()));
}

async function smaller(file: File): Promise<File> {
  if (file.size <= SMALL_ENOUGH || !/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!picture) return file;
  const scale = Math.min(1, LONG_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((got) => canvas.toBlob(got, "image/jpeg", 0.86));
  if (!blob || blob.size >= file.size) return file;
  return new File([await stamped(blob, file)], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified });
}

/** The smaller photo with the EXIF block of the original. */
async function stamped(small: Blob, original: File): Promise<Blob | Uint8Array<ArrayBuffer>> {
  const segment = await exifSegment(original);
  if (!segment) return small;
  setUpright(segment);
  return withExif(new Uint8Array(await small.arrayBuffer()), segment);
}

function show(input: HTMLInputElement, files: File[]): void {
  const place = input.closest(".field, form")?.querySelector<HTMLElement>("[data-picked]");
  if (!place) return;
  for (const old of place.querySelectorAll("img")) URL.revokeObjectURL(old.src);
  place.replaceChildren(
    ...files.map((file) => {
      const figure = document.createElement("figure");
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "picked-drop";
      drop.setAttribute("aria-label", word("drop-photo"));
      drop.append(icon("close"));
      drop.addEventListener("click", () => hold(input, files.filter((other) => other !== file)));
      figure.append(image, drop);
      return figure;
    }),
  );
}
