import { chromium } from "playwright-core"
const base = process.env.BASE ?? "http://127.0.0.1:8499"
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
const out = "/tmp/w/shots"
for (const scheme of ["light", "dark"]) {
  const ctx = await b.newContext({ viewport: { width: 360, height: 640 }, colorScheme: scheme, locale: "zh-CN", hasTouch: true })
  const p = await ctx.newPage()
  p.on("pageerror", (e) => console.log("ERR", e.message)); p.on("console", (m) => m.type() === "error" && console.log("console", m.text()))
  await p.goto(base + "/host.html?c=" + (scheme === "light" ? "c1001" : "c1002")); await p.click(".launcher"); await p.waitForSelector(".offers button")
  await p.waitForTimeout(300); await p.screenshot({ path: `${out}/w-${scheme}-1.png` })
  const say = async (t) => { await p.fill("textarea", t); await p.press("textarea", "Enter") }
  if (scheme === "light") { await p.click(".offers button >> nth=0") } else await say("本月要还多少钱")
  await p.waitForSelector(".card"); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/w-${scheme}-2.png` })
  await say("我想提前结清"); await p.waitForSelector("text=哪一笔"); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/w-${scheme}-3.png` })
  await say("换一张银行卡"); await p.waitForSelector("form"); await p.waitForTimeout(300); await p.click("form .btn.primary"); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/w-${scheme}-4.png` })
  await say("多扣了，不对"); await p.waitForSelector(".check"); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/w-${scheme}-5.png` }); await p.waitForSelector("text=已核对您的扣款记录")
  await p.click(".human"); await p.waitForSelector(".line.box"); await p.waitForTimeout(500); await p.screenshot({ path: `${out}/w-${scheme}-6.png` })
  await p.waitForSelector(".line.joined", { timeout: 15000 }); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/w-${scheme}-7.png` })
  if (scheme === "light") { await ctx.setOffline(true); await say("断网时写的话"); await p.waitForTimeout(800); await p.screenshot({ path: `${out}/w-${scheme}-8.png` }); await ctx.setOffline(false); }
  await ctx.close()
}
await b.close()
