import { existsSync, readFileSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { expect, it } from "vitest"

const built = new URL("../dist/widget/widget.js", import.meta.url)

// Needs `npm run build` first; a page of the lender's must not pay more than this for us.
it.runIf(existsSync(built))("widget.js is at most 40 kB gzipped", () => {
  expect(gzipSync(readFileSync(built)).length).toBeLessThanOrEqual(40 * 1024)
})
