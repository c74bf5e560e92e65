import { chromium } from "playwright-core"
const base = process.env.BASE ?? "http://127.0.0.1:8499", out = "/tmp/w/shots"
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
for (const [name, viewport, scheme] of [["desk", { width: 1280, height: 720 }, "light"], ["deskd", { width: 1280, height: 720 }, "dark"], ["phone", { width: 360, height: 640 }, "light"]]) {
  const ctx = await b.newContext({ viewport, colorScheme: scheme, locale: "zh-CN" }); const p = await ctx.newPage()
  p.on("pageerror", (e) => console.log("ERR", e.message)); p.on("console", (m) => m.type() === "error" && console.log("console", m.text()))
  await p.goto(base + "/demo/"); await p.waitForSelector(".item"); await p.screenshot({ path: `${out}/d-${name}-0.png` })
  await p.click(".item >> nth=0"); await p.waitForSelector(".hero"); await p.waitForTimeout(500); await p.screenshot({ path: `${out}/d-${name}-1.png` })
  if (name === "phone") { for (const pg of ["bills", "profile", "id-upload"]) { await p.goto(`${base}/demo/#/${pg}`); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/d-phone-${pg}.png` }) } }
  else { await p.click(".tier button >> nth=0"); await p.waitForSelector(".card"); await p.waitForTimeout(500); await p.screenshot({ path: `${out}/d-${name}-2.png` }); await p.click("text=查看账单"); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/d-${name}-3.png` }) }
  await ctx.close()
}
await b.close()
