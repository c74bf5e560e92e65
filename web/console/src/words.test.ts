import { readFileSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { messages } from "./words.ts"

function files(dir: string): string[] {
  return readdirSync(dir).flatMap((n) => { const p = join(dir, n); return statSync(p).isDirectory() ? files(p) : /\.(vue|ts)$/.test(n) && !n.endsWith(".test.ts") ? [p] : [] })
}
function at(tree: unknown, key: string): unknown {
  return key.split(".").reduce<unknown>((t, k) => (typeof t === "object" && t !== null ? (t as Record<string, unknown>)[k] : undefined), tree)
}

it("every text that is asked for exists in both languages", () => {
  const source = files(import.meta.dirname).map((f) => readFileSync(f, "utf8")).join("\n")
  const keys = new Set([...source.matchAll(/\bt\(["'`]([a-z_]+(?:\.[a-z_]+)*)["'`]/g)].map((m) => m[1] ?? ""))
  const missing = [...keys].filter((k) => typeof at(messages["zh-CN"], k) !== "string" || typeof at(messages.en, k) !== "string")
  expect(keys.size).toBeGreaterThan(100)
  expect(missing).toEqual([])
})
it("both languages fill the same blanks", () => {
  const blanks = (s: string): string[] => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? "").sort()
  const walk = (zh: unknown, en: unknown, path: string): string[] =>
    typeof zh === "string" && typeof en === "string" ? (blanks(zh).join() === blanks(en).join() ? [] : [path])
      : Object.keys(zh as object).flatMap((k) => walk((zh as Record<string, unknown>)[k], (en as Record<string, unknown>)[k], `${path}.${k}`))
  expect(walk(messages["zh-CN"], messages.en, "")).toEqual([])
})
