import vue from "@vitejs/plugin-vue"
import { defineConfig } from "vitest/config"

/** Journeys and screenshots are a browser and a server each: one at a time, or two cores make them wait for one another. */
const browser = { environment: "node" as const, fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 }
export default defineConfig({
  plugins: [vue()],
  test: {
    projects: [
      { extends: true, test: { name: "unit", include: ["*.test.ts", "{lib,widget,sdk,console,demo-app}/**/*.test.ts"], exclude: ["**/node_modules/**"], environment: "node" } },
      { extends: true, test: { name: "journeys", include: ["journeys/*.journey.ts"], ...browser } },
      { extends: true, test: { name: "screenshots", include: ["journeys/screenshots.ts"], ...browser } },
    ],
  },
})
