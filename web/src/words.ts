/** The words scripts need, written by the server in the page's language: <script id="words" type="application/json">. */
let known: Record<string, string> | undefined;

export function word(key: string, values: Record<string, string | number> = {}): string {
  known ??= JSON.parse(document.getElementById("words")?.textContent ?? "{}") as Record<string, string>;
  const text = known[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** An icon of the sprite as an element. The sprite's address stands on <body data-icons>. */
export function icon(name: string): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${document.body.dataset.icons ?? ""}#${name}`);
  svg.append(use);
  return svg;
}
