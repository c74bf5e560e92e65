import { afterAll, expect, it } from "vitest"
import { Demo } from "./demo.ts"
import { Stage, openBrowser } from "./people.ts"
const out = "/tmp/w/shots/"
it("look", async () => {
  const demo = await Demo.start("/tmp/jieti-bin"); const browser = await openBrowser(); const s = new Stage(browser, demo)
  try {
    const shot = (p: any, n: string) => p.screenshot({ path: `${out}${n}.png` })
    const dark = process.env.DARK === "1", sfx = dark ? "-dark" : ""
    const c = await s.customer("c1001", { dark }); await shot(c.page, "demo-phone" + sfx); await c.open(); await c.page.locator(".offers button").first().waitFor(); await shot(c.page, "w1" + sfx)
    await c.ask("我这个月要还多少", "您一共要还"); await shot(c.page, "w2" + sfx)
    await c.ask("不对，是下个月", "2026年12月您一共要还"); await shot(c.page, "w3" + sfx)
    await c.ask("提前还款要多少钱", "哪一笔"); await c.button("随心借").click(); await c.theirs("确认还清").last().waitFor(); await shot(c.page, "w4" + sfx)
    await c.button("确认还清").click(); await c.page.locator(".card", { hasText: "回执" }).waitFor(); await shot(c.page, "w5" + sfx)
    const k = await s.customer("c1008", { dark }); await k.open(); await k.say("换一张还款卡"); await k.page.locator("form, .theirs").first().waitFor(); await k.page.waitForTimeout(900); await shot(k.page, "w6" + sfx)
    const agent = await s.staff("agent", { dark }); const seat = await s.staff("seat", { dark }); await shot(seat.page, "seat0" + sfx); await seat.go("silent"); await seat.duty("silent_seat"); await shot(seat.page, "seat1" + sfx)
    const d = await s.customer("c1002", { dark }); await d.open(); await d.say("逾期有什么影响"); await d.page.locator(".check").waitFor(); await shot(d.page, "w7" + sfx); 
    const e = await s.customer("c1010", { dark, width: 1280, height: 720 }); await shot(e.page, "demo-desk0" + sfx); await e.open(); await e.say("罚息怎么算"); await e.page.locator(".check").waitFor(); await shot(e.page, "demo-desk" + sfx)
    await seat.page.waitForTimeout(800); await shot(seat.page, "seat2" + sfx)
    await agent.duty("agent"); await agent.go("desk")
    const f = await s.customer("c1009", { dark }); await f.open(); await f.ask("我还了款怎么没到账", /./); await f.say("转人工"); await f.page.locator(".line.joined").waitFor(); await shot(f.page, "w8" + sfx)
    await agent.page.waitForTimeout(600); await shot(agent.page, "desk1" + sfx); await agent.page.keyboard.press("j"); await agent.page.waitForTimeout(1200); await shot(agent.page, "desk2" + sfx)
    await agent.go("tickets"); await agent.page.waitForTimeout(500); await shot(agent.page, "tickets" + sfx)
    const boss = await s.staff("admin", { dark }); await boss.page.waitForTimeout(900); await shot(boss.page, "wall" + sfx)
    await boss.go("knowledge"); await boss.page.waitForTimeout(600); await shot(boss.page, "know0" + sfx); await boss.page.locator(".list .item").nth(3).click(); await boss.page.waitForTimeout(600); await shot(boss.page, "know1" + sfx)
    await boss.page.goto(demo.url + "/console/knowledge/batch"); await boss.page.locator("textarea").fill("我想提前还清\tearly_settlement.how\n罚息怎么算\toverdue.penalty\n额度能提吗\n今天天气怎么样"); await boss.page.locator(".btn.primary").click(); await boss.page.waitForTimeout(2500); await shot(boss.page, "batch" + sfx)
    await boss.go("flows"); await boss.page.waitForTimeout(700); await shot(boss.page, "flows" + sfx); await boss.page.goto(demo.url + "/console/flows/early-repayment"); await boss.page.waitForTimeout(700); await shot(boss.page, "flows2" + sfx)
    await boss.page.keyboard.press("Control+k"); await boss.page.waitForTimeout(300); await shot(boss.page, "palette" + sfx)
    console.log("WRONG", s.wrong)
  } catch (x) { await s.pictures("/tmp/w/fail","look"); throw x } finally { await s.end(); await browser.close(); await demo.stop() }
}, 180000)
