import { chromium } from "playwright-core"
const base = process.env.BASE ?? "http://127.0.0.1:8499", out = "/tmp/w/shots"
const only = process.argv[2]?.split(",")
const schemes = (process.argv[3] ?? "light,dark").split(",")
const lang = process.argv[4] ?? "zh-CN"
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
const pages = { wall: "/wall", desk: "/desk/v3", desk1: "/desk/v1", silent: "/silent", tickets: "/tickets", knowledge: "/knowledge/repayment.early", batch: "/knowledge/batch", flows: "/flows/early-repayment" }
for (const scheme of schemes) {
  const ctx = await b.newContext({ viewport: { width: 1280, height: 720 }, colorScheme: scheme, locale: "zh-CN" }); const p = await ctx.newPage()
  await ctx.addInitScript((l) => localStorage.setItem("jieti.lang", l), lang)
  p.on("pageerror", (e) => console.log("ERR", e.message)); p.on("console", (m) => ["error", "warning"].includes(m.type()) && console.log("console", m.text().slice(0, 300)))
  for (const [name, path] of Object.entries(pages)) { if (only && only[0] !== "all" && !only.includes(name)) continue
    await p.goto(base + "/console" + path); await p.waitForTimeout(900)
    if (name === "batch") { await p.fill("textarea", "我想提前还清\trepayment.early\n还款怎么还\trepayment.amount\n额度能提吗\n"); await p.click(".btn.primary"); await p.waitForTimeout(500) }
    await p.screenshot({ path: `${out}/c-${scheme}-${name}${lang === "en" ? "-en" : ""}.png` }) }
  await ctx.close()
}
await b.close()
