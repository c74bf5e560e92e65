import { expect, it } from "vitest"
import { share } from "./sample.ts"

it("takes the same visitors always, and about as many as it should", () => {
  const ids = Array.from({ length: 4000 }, (_, i) => i.toString(16).padStart(32, "0"))
  expect(ids.map(share)).toEqual(ids.map(share))
  const tenth = ids.filter((id) => share(id) < 0.1).length
  expect(tenth).toBeGreaterThan(320)
  expect(tenth).toBeLessThan(480)
})
