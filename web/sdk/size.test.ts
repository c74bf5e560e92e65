import { existsSync, readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { expect, it } from "vitest"

const built = new URL("../dist/sdk/sdk.js", import.meta.url)

// Needs `npm run build` first; every page of the lender's app loads it.
it.runIf(existsSync(built))("sdk.js is at most 5 kB gzipped", () => {
  expect(gzipSync(readFileSync(built)).length).toBeLessThanOrEqual(5 * 1024)
})
