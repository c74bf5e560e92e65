import { defineConfig } from "vite"
import vue from "@vitejs/plugin-vue"

const server = "http://127.0.0.1:8420"

export default defineConfig({
  base: "/demo/",
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: false, __INTLIFY_JIT_COMPILATION__: true, __VUE_I18N_FULL_INSTALL__: false, __VUE_I18N_LEGACY_API__: false },
  build: { outDir: "../dist/demo-app", emptyOutDir: true, target: "es2020" },
  server: { port: 5175, proxy: { "/api": { target: server, ws: true }, "/demo/api": server, "/widget.js": server, "/sdk.js": server } },
})
