import { defineConfig } from "vite";
import { icons } from "./plugins/icons.ts";
import { squeeze } from "./plugins/squeeze.ts";

// File names stay the same from build to build: Django's templates name them, and the server's
// short caching time (and 304 answers) keeps browsers fresh.
export default defineConfig({
  base: "./",
  publicDir: false,
  plugins: [icons(), squeeze()],
  worker: { format: "es", rollupOptions: { output: { entryFileNames: "[name].js" } } },
  build: {
    outDir: "../src/gezhi/faces/look/static/built",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1600,
    modulePreload: false,
    rollupOptions: {
      input: { app: "src/app.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
