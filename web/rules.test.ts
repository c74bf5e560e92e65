// House rules that no linter knows: who may import whom, and where text may be.
import { readFileSync, readdirSync, statSync } from "node:fs"
import { join, relative, resolve, dirname } from "node:path"
import { describe, expect, it } from "vitest"

const web = import.meta.dirname
function files(dir: string): string[] {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name)
    return statSync(path).isDirectory() ? files(path) : /\.(ts|vue)$/.test(name) && !name.endsWith(".test.ts") ? [path] : []
  })
}
const source = ["console/src", "demo-app/src", "widget/src", "sdk/src", "lib"].flatMap((d) => files(join(web, d))).filter((f) => !f.includes("node_modules"))
const imports = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g)].map((m) => relative(web, resolve(dirname(file), m[1] ?? "")))
const area = (path: string): string | null => /console\/src\/areas\/([^/]+)\//.exec(path)?.[1] ?? null

describe("who imports whom", () => {
  it("an area never imports another area", () => {
    const wrong = source.filter((f) => area(f)).flatMap((f) => imports(f).filter((i) => area(i) !== null && area(i) !== area(f)).map((i) => `${relative(web, f)} → ${i}`))
    expect(wrong).toEqual([])
  })
  it("ui knows no area and no live state", () => {
    const wrong = source.filter((f) => f.includes("console/src/ui/")).flatMap((f) => imports(f).filter((i) => /src\/(areas|live)\//.test(i)).map((i) => `${relative(web, f)} → ${i}`))
    expect(wrong).toEqual([])
  })
  it("lib imports nothing outside lib, and touches no document", () => {
    const lib = source.filter((f) => relative(web, f).startsWith("lib/"))
    expect(lib.flatMap((f) => imports(f).filter((i) => !i.startsWith("lib/")))).toEqual([])
    expect(lib.filter((f) => /\b(document|window|localStorage)\./.test(readFileSync(f, "utf8")))).toEqual([])
  })
})

describe("text", () => {
  it("in templates comes from t()", () => {
    const allowed = /中文/g // a language's own name is the same in every language
    const wrong = source.filter((f) => f.endsWith(".vue")).filter((f) => {
      const template = /<template>([\s\S]*)<\/template>/.exec(readFileSync(f, "utf8"))?.[1] ?? ""
      return /[\u4e00-\u9fff]/.test(template.replace(allowed, "").replace(/placeholder="我想提前还清[^"]*"/, "").replace("Jieti 阶梯", ""))
    })
    expect(wrong.map((f) => relative(web, f))).toEqual([])
  })
  it("of a customer never becomes markup", () => {
    expect(source.filter((f) => /innerHTML|outerHTML|insertAdjacentHTML|v-html/.test(readFileSync(f, "utf8"))).map((f) => relative(web, f))).toEqual([])
  })
})
