import { expect, it } from "vitest"
import { pathOf, readHome } from "./home.ts"

it("what the lender did not say is absent, not zero", () => {
  const home = readHome({ profile: { name: "王晓梅" }, due: {} })
  expect(home.name).toBe("王晓梅")
  expect(home.dueTotal).toBeNull()
  expect(home.loans).toEqual([])
})
it("reads lists bare or inside their record", () => {
  const loan = { id: "L1", next_due: { fen: 100, text: "1.00" }, terms: 12 }
  expect(readHome({ loans: [loan] }).loans).toEqual(readHome({ loans: { loans: [loan] } }).loans)
  expect(readHome({ loans: [loan] }).loans[0]?.nextDue?.text).toBe("1.00")
})
it("opens only the app's own links", () => {
  for (const [link, want] of [["app://bills", "/bills"], ["app://cards/add?from=chat", "/cards/add"], ["app://loans/", "/loans"], ["https://evil.example", null], ["javascript:alert(1)", null]] as const) {
    expect(pathOf(link)).toBe(want)
  }
})
