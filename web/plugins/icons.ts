import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { ICONS } from "../src/icons.ts";

const PAINT = 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"';

/** Puts the icons of src/icons.ts into one sprite, built/icons.svg, each a <symbol> named as we name it. */
export function icons(): Plugin {
  let folder = "";
  return {
    name: "icons",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, "node_modules/@tabler/icons/icons/outline");
    },
    generateBundle() {
      const symbols = Object.entries(ICONS).map(([name, file]) => {
        const svg = readFileSync(join(folder, `${file}.svg`), "utf8");
        const body = svg.replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/g, "").replace(/<!--[\s\S]*?-->/g, "").replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, "");
        return `<symbol id="${name}" viewBox="0 0 24 24" ${PAINT}>${body.replace(/\s*\n\s*/g, "")}</symbol>`;
      });
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
      this.emitFile({ type: "asset", fileName: "icons.svg", source });
    },
  };
}
