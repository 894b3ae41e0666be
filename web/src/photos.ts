import { toast } from "./toasts";
import { word } from "./words";

/**
 * <input type="file" data-photos="9">: shows small pictures of what was chosen in the next [data-picked] and makes
 * large photos smaller before they are sent (cheap phones, slow nets). Without scripts the plain input works as it is.
 * EXIF is lost by shrinking, so a photo taken here keeps its place only through the form's own place field.
 */
const LONG_SIDE = 2048;
const SMALL_ENOUGH = 900_000;

export function startPhotos(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>('input[type="file"][data-photos]:not([data-started])')) {
    input.dataset.started = "1";
    input.addEventListener("change", () => void chosen(input));
  }
}

async function chosen(input: HTMLInputElement): Promise<void> {
  const most = Number(input.dataset.photos) || 9;
  let files = [...(input.files ?? [])];
  if (files.length > most) {
    toast(word("too-many-photos", { n: most }), "a");
    files = files.slice(0, most);
  }
  const ready = new DataTransfer();
  for (const file of files) ready.items.add(await smaller(file));
  input.files = ready.files;
  show(input, [...ready.files]);
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
  return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg", lastModified: file.lastModified });
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
      figure.append(image);
      return figure;
    }),
  );
}
