import { expect, it } from "vitest"
import { nameOf, pathName } from "./names.ts"

/** The server's grammar, as crates/domain/src/journey/event.rs has it. */
function taken(name: string): boolean {
  let run = 0
  let most = 0
  for (const c of name) {
    run = /\d/.test(c) ? run + 1 : "-.:".includes(c) ? run : 0
    most = Math.max(most, run)
  }
  return /^[A-Za-z0-9/_.:-]{1,64}$/.test(name) && most < 6
}

it("a path keeps the app's own names and loses every id", () => {
  for (const [path, want] of [
    ["/apply/id", "apply/id"], ["/", "index"], ["", "index"], ["/loans/L20260815/plan?token=abc#x", "loans/_/plan"],
    ["/users/13800138000", "users/_"], ["/a/550e8400-e29b-41d4-a716-446655440000", "a/_"], ["/v1/step2/E504", "v1/step2/E504"],
    ["/搜索/借款", "_/_"], ["/a%20b", "_"], [`/x/${"y".repeat(40)}`, "x/_"], ["/1/2/3/4/5/6", "1/2/3/4/5/6"],
  ] as const) expect(pathName(path), path).toBe(want)
})
it("what comes out is always taken by the server", () => {
  const nasty = ["138 0013 8000", "6222-0212-3456", "12.34.56", "card:622202", "我的 名字", "a@b.cn", "x".repeat(200), " ", "1".repeat(5), "1".repeat(6), "/12-34/56.78", `/${"abc/".repeat(40)}`]
  for (const raw of nasty) {
    expect(taken(nameOf(raw)), `nameOf(${raw}) = ${nameOf(raw)}`).toBe(true)
    expect(taken(pathName(raw)), `pathName(${raw}) = ${pathName(raw)}`).toBe(true)
  }
})
it("a developer's name is kept as it is, five digits and all", () => {
  for (const name of ["btn.submit", "E10086", "front-photo", "id:back"]) expect(nameOf(name)).toBe(name)
})
