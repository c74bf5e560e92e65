import { defineConfig } from "vitest/config"
import vue from "@vitejs/plugin-vue"

export default defineConfig({
  plugins: [vue()],
  test: { include: ["*.test.ts", "*/**/*.test.ts"], exclude: ["**/node_modules/**", "dist/**"], environment: "node" },
})
