import { defineConfig } from "vite"

// One classic script that any page can load: no modules, no chunks, no stylesheet.
export default defineConfig({
  build: {
    outDir: "../dist/widget", emptyOutDir: true, target: "es2020", cssCodeSplit: false, minify: "esbuild",
    lib: { entry: "src/main.ts", formats: ["iife"], name: "JietiWidget", fileName: () => "widget.js" },
  },
})
