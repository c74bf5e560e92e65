// Behaviour against the fake (or BASE=real) server.
import { chromium } from "playwright-core"
import assert from "node:assert"
const base = process.env.BASE ?? "http://127.0.0.1:8499", out = "/tmp/w/shots"
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] })
const errors = []
const watch = (p) => { p.on("pageerror", (e) => errors.push(e.message)); p.on("console", (m) => m.type() === "error" && !/WebSocket|ERR_INTERNET|409|ERR_CONN/.test(m.text()) && errors.push(m.text())) }
{ // widget
  const ctx = await b.newContext({ viewport: { width: 360, height: 640 }, locale: "zh-CN" }); const p = await ctx.newPage(); watch(p)
  await p.goto(base + "/host.html?c=c1003"); await p.click(".launcher"); await p.waitForSelector(".offers button")
  // IME: Enter that ends a composition does not send
  const cdp = await ctx.newCDPSession(p)
  await p.focus("textarea"); await cdp.send("Input.imeSetComposition", { text: "nihao", selectionStart: 5, selectionEnd: 5 })
  await p.evaluate(() => { const r = document.querySelector("body > div:last-of-type") ; const a = [...document.querySelectorAll("*")].find((e) => e.shadowRoot)?.shadowRoot.querySelector("textarea"); a.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true })) })
  assert.equal(await p.locator(".msg.mine").count(), 0, "composition Enter sent"); await cdp.send("Input.insertText", { text: "你好" })
  await p.press("textarea", "Shift+Enter"); assert.equal(await p.locator(".msg.mine").count(), 0); await p.press("textarea", "Enter")
  await p.waitForSelector(".mine .meta:has-text('已送达')"); await p.waitForSelector(".theirs")
  // markup stays text
  await p.fill("textarea", "<img src=x onerror=alert(1)> https://x.y"); await p.press("textarea", "Enter"); await p.waitForTimeout(300)
  assert.equal(await p.locator(".bubble img, .bubble a").count(), 0)
  // offline: kept over reload, then sent once
  await ctx.setOffline(true); await p.evaluate(() => 0)
  await p.fill("textarea", "离线写的"); await p.press("textarea", "Enter"); await p.waitForTimeout(200)
  const kept = await p.evaluate(() => Object.entries(localStorage).find(([k]) => k.startsWith("jieti.outbox"))?.[1] ?? "")
  console.log("outbox kept offline:", kept.includes("离线写的"))
  await ctx.setOffline(false); await p.reload(); await p.click(".launcher"); await p.waitForSelector(".mine:has-text('离线写的') .meta:has-text('已送达')", { timeout: 15000 })
  assert.equal(await p.locator(".mine:has-text('离线写的')").count(), 1)
  await p.locator(".thumb").last().click(); await p.waitForSelector(".thumb[aria-pressed=true]")
  // secret forms are not stored
  await p.fill("textarea", "换一张银行卡"); await p.press("textarea", "Enter"); await p.waitForSelector("form")
  await p.fill("input[name=card_number]", "4111111111111111"); assert.equal(await p.inputValue("input[name=card_number]"), "4111 1111 1111 1111")
  await p.fill("input[name=phone]", "13800138000"); await p.selectOption("select", "15"); await p.click(".choice >> nth=0"); await p.click("form .btn.primary")
  assert.ok(!(await p.evaluate(() => JSON.stringify(localStorage))).includes("4111"))
  await p.waitForSelector("text=已收到"); await p.screenshot({ path: `${out}/e-widget.png` }); await ctx.close()
}
{ // console
  const ctx = await b.newContext({ viewport: { width: 1280, height: 720 }, locale: "zh-CN" }); const p = await ctx.newPage(); watch(p)
  await p.goto(base + "/console/desk"); await p.waitForSelector(".item"); await p.keyboard.press("j"); await p.waitForSelector("header h2:has-text('王晓梅')")
  await p.keyboard.press("t"); await p.waitForSelector("text=结束 >> nth=0"); await p.waitForSelector(".suggest")
  await p.waitForTimeout(300); await p.keyboard.press("Alt+1"); await p.waitForTimeout(100)
  assert.match(await p.inputValue(".compose textarea"), /收款银行/); await p.keyboard.press("Enter"); await p.waitForSelector(".thread .human .bubble:has-text('收款银行')")
  await p.fill(".compose textarea", "/承诺"); await p.waitForSelector(".menu li"); await p.screenshot({ path: `${out}/e-desk-slash.png` }); await p.keyboard.press("Enter"); assert.match(await p.inputValue(".compose textarea"), /回访/)
  await p.fill(".compose textarea", ""); await p.keyboard.press("Escape"); await p.keyboard.press("n"); await p.waitForTimeout(100); await p.keyboard.type("记一下"); await p.keyboard.press("Enter"); await p.waitForSelector(".note:has-text('记一下')")
  await p.keyboard.press("Escape"); await p.evaluate(() => document.activeElement.blur()); await p.keyboard.press("e"); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/e-desk-end.png` }); await p.keyboard.press("Enter"); await p.waitForTimeout(400)
  await p.keyboard.press("Control+k"); await p.waitForSelector("[role=combobox]"); await p.keyboard.type("静默"); await p.screenshot({ path: `${out}/e-palette.png` }); await p.keyboard.press("Enter"); await p.waitForURL("**/silent")
  await p.waitForSelector(".mid h1"); const first = await p.textContent(".mid h1"); await p.keyboard.press("Enter"); await p.waitForTimeout(300); assert.notEqual(await p.textContent(".mid h1"), first)
  await p.keyboard.press("v"); await p.waitForSelector(".veto"); await p.screenshot({ path: `${out}/e-veto.png` }); await p.keyboard.press("2"); await p.waitForTimeout(300)
  await p.keyboard.press("e"); await p.waitForSelector(".mid textarea"); await p.keyboard.type("（改）"); await p.screenshot({ path: `${out}/e-edit.png` }); await p.keyboard.press("Control+Enter"); await p.waitForTimeout(300)
  await p.evaluate(() => document.activeElement.blur()); await p.keyboard.press("?"); await p.waitForSelector("text=命令面板"); await p.screenshot({ path: `${out}/e-help.png` }); await p.keyboard.press("Escape")
  await p.goto(base + "/console/knowledge/repayment.amount"); await p.waitForSelector(".try input"); await p.fill(".try input", "我想提前还清"); await p.keyboard.press("Enter"); await p.waitForSelector(".out"); 
  await p.fill(".ed >> nth=0 >> input >> nth=0", "改过的标题"); await p.waitForSelector("text=有未保存的修改"); await p.screenshot({ path: `${out}/e-know.png` }); await p.click("text=保存草稿"); await p.waitForSelector("text=草稿已保存")
  await p.goto(base + "/console/tickets"); await p.click("text=完成工单 >> nth=0"); await p.waitForSelector(".n-modal textarea"); await p.fill(".n-modal textarea", "已回电"); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/e-ticket.png` }); await p.click(".n-modal .btn.primary"); await p.waitForSelector("text=已完成 2")
  await p.click("[aria-label='退出登录']"); await p.waitForSelector("text=登录阶梯"); await p.screenshot({ path: `${out}/e-login.png` })
  await p.fill("input >> nth=0", "a"); await p.fill("input >> nth=1", "b"); await p.keyboard.press("Enter"); await p.waitForSelector(".error"); await p.fill("input >> nth=1", "jieti"); await p.keyboard.press("Enter"); await p.waitForSelector(".rail")
  await ctx.close()
}
console.log("errors:", errors); await b.close()
