import { expect, it } from "vitest"
import { backoff } from "./backoff.ts"
import { sendsOnEnter } from "./ime.ts"

it("Enter sends only when no composition is open", () => {
  const press = { key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 }
  expect(sendsOnEnter(press)).toBe(true)
  expect(sendsOnEnter({ ...press, isComposing: true })).toBe(false)
  expect(sendsOnEnter({ ...press, keyCode: 229 })).toBe(false)
  expect(sendsOnEnter({ ...press, shiftKey: true })).toBe(false)
})
it("backs off to a ceiling with jitter", () => {
  expect(backoff(0, 0.5)).toBe(500)
  expect(backoff(3, 0)).toBe(2800)
  expect(backoff(50, 1)).toBe(26_000)
})
