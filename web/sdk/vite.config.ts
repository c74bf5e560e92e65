import { defineConfig } from "vite"

// One classic script that any page can load.
export default defineConfig({
  build: {
    outDir: "../dist/sdk", emptyOutDir: true, target: "es2020", minify: "esbuild",
    lib: { entry: "src/main.ts", formats: ["iife"], name: "JietiBehaviour", fileName: () => "sdk.js" },
  },
})
