// WCAG 2.1 AA, 1.4.3: text of every colour pair that the console really uses is at least 4.5 : 1, in light and dark.
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const css = readFileSync(new URL("./app.css", import.meta.url), "utf8")
function tokens(selector: string): Record<string, string> {
  const body = css.slice(css.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? ""
  return Object.fromEntries([...body.matchAll(/--([\w-]+):(#[0-9a-fA-F]{3,6})/g)].map((m) => [m[1], m[2]]))
}
function luminance(hex: string): number {
  const full = hex.length === 4 ? hex.slice(1).replace(/./g, "$&$&") : hex.slice(1)
  const [r, g, b] = [0, 2, 4].map((i) => Number.parseInt(full.slice(i, i + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0)
}
const ratio = (a: string, b: string): number => { const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p); return ((x ?? 0) + 0.05) / ((y ?? 0) + 0.05) }
const pairs = [
  ["text", "bg"], ["text", "card"], ["text", "t1-soft"], ["text", "t3-soft"], ["text", "t4-soft"], ["muted", "bg"], ["muted", "card"], ["muted", "soft"], ["muted", "hover"], ["muted", "t3-soft"], ["muted", "t4-soft"], ["muted", "accent-soft"], ["muted", "warn-soft"],
  ["accent", "card"], ["accent", "bg"], ["accent", "accent-soft"], ["on-accent", "accent"], ["t1", "t1-soft"], ["t2", "t2-soft"], ["t3", "t3-soft"], ["t4", "t4-soft"], ["t1", "card"], ["t2", "card"], ["t3", "card"], ["t4", "card"],
  ["bad", "bad-soft"], ["bad", "card"], ["bad", "t4-soft"], ["warn", "warn-soft"], ["warn", "card"], ["good", "card"], ["good", "t1-soft"], ["note-text", "note"], ["card", "t4"], ["card", "t3"],
] as const

for (const [name, theme] of [["light", tokens(":root")], ["dark", tokens("[data-theme=dark]")]] as const) {
  it(`${name} text can be read`, () => {
    const poor = pairs.map(([a, b]) => `${a} on ${b}: ${ratio(theme[a] ?? "", theme[b] ?? "").toFixed(2)}`).filter((line) => !(Number(line.split(": ")[1]) >= 4.5))
    expect(poor).toEqual([])
  })
}
