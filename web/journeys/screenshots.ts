// Pictures for the README, from a believable few minutes: npm run screenshots.
import { mkdirSync, statSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Browser } from "playwright-core"
import { expect, it } from "vitest"
import { Demo, binary } from "./demo.ts"
import { type Customer, Stage, openBrowser } from "./people.ts"

const folder = resolve(import.meta.dirname, "../../docs/screenshots")
const largestBytes = 300_000
const wide = { width: 1280, height: 720 }

it("docs/screenshots", async () => {
  mkdirSync(folder, { recursive: true })
  const [demo, browser]: [Demo, Browser] = await Promise.all([Demo.start(binary.fastest), openBrowser()])
  const stage = new Stage()
  stage.begin(browser, demo)
  const shoot = async (page: { screenshot(o: { path: string }): Promise<unknown>; mouse: { move(x: number, y: number): Promise<void> } }, name: string): Promise<void> => {
    await page.mouse.move(38, 600)
    const path = join(folder, `${name}.png`)
    await page.screenshot({ path })
    expect(statSync(path).size, name).toBeLessThan(largestBytes)
  }
  /** A customer who has said all this, each answered before the next. */
  const talk = async (id: string, ...lines: string[]): Promise<Customer> => {
    const c = await stage.customer(id)
    await c.open()
    for (const line of lines) {
      const answers = await c.page.locator(".msg.theirs .meta time, .line, .check").count()
      await c.say(line)
      await c.mine(line).last().waitFor()
      await expect.poll(() => c.page.locator(".msg.theirs .meta time, .line, .check").count(), { timeout: 15_000 }).toBeGreaterThan(answers)
    }
    return c
  }
  /** Visitors who ask one thing each and are answered; the service counts them like anybody. */
  const crowd = async (page: Customer["page"], questions: string[]): Promise<void> => page.evaluate(async (texts) => {
    await Promise.all(texts.map(async (text) => {
      const response = await fetch("/api/customer/session", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ visitor: crypto.randomUUID(), lang: "zh-CN", channel: "web" }) })
      const { session, epoch } = (await response.json()) as { session: string; epoch: string }
      const socket = new WebSocket(`ws://${location.host}/api/customer/live?${new URLSearchParams({ session, epoch, seq: "0" })}`)
      await new Promise<void>((answered) => {
        socket.onmessage = (m: MessageEvent<string>) => {
          const frame = JSON.parse(m.data) as { type: string; conversation: string | null; event?: { body: { kind: string } } }
          if (frame.type === "hello" && frame.conversation === null) socket.send(JSON.stringify({ type: "say", client_id: crypto.randomUUID(), text }))
          if (frame.event?.body.kind === "said") answered()
        }
      })
      socket.close()
    }))
  }, questions)
  const everyday = ["合同在哪里看", "优惠券怎么用", "申请需要什么条件", "怎么修改登录密码", "额度为什么降低了", "利率是多少"]
  try {
    // Before anybody is on duty: tickets.
    await talk("c1006", "转人工")
    await talk("c1003", "放款成功了没收到钱")
    const [agent, seat, boss] = [await stage.staff("agent"), await stage.staff("seat"), await stage.staff("admin")]
    await agent.go("desk")
    await agent.duty("agent")
    await seat.go("silent")
    await seat.duty("silent_seat")

    const [app, chat] = [await stage.customer("c1001", wide), await stage.customer("c1001", wide)]
    await shoot(app.page, "demo-app")
    await crowd(app.page, Array.from({ length: 26 }, (_, i) => everyday[i % everyday.length] ?? ""))
    await talk("c1004", "结清证明怎么开", "优惠券怎么用")
    await talk("c1007", "申请需要什么条件", "额度为什么降低了")
    await talk("c1005", "怎么修改登录密码")
    const due = await talk("c1008", "我这个月要还多少", "合同在哪里看")
    await due.page.locator(".thumb").last().waitFor()
    await chat.open()
    await chat.ask("我这个月要还多少", "您一共要还")
    await chat.ask("不对，是下个月", "12月")
    await shoot(chat.page, "widget")

    // A person takes over, with everything at hand.
    const person = await talk("c1009", "我还了款怎么还是显示没还", "优惠券怎么用")
    await person.page.locator(".human").click()
    await person.page.locator(".line.joined").waitFor()
    await agent.page.locator(".list .item", { hasText: person.name }).click()
    await agent.page.locator(".pane").getByText("借款").first().waitFor()
    await agent.page.locator(".compose textarea").fill("您好，我是林小雨。我看到您的还款记录了，正在为您核对，请稍等一分钟。")
    await agent.page.locator(".compose textarea").press("Enter")
    await person.theirs("我是林小雨").waitFor()
    await person.say("好的，麻烦您尽快，我怕影响征信")
    await agent.page.locator(".thread .theirs", { hasText: "麻烦您尽快" }).waitFor()
    await agent.page.locator(".suggest .s").first().waitFor()

    const drafts = [await stage.customer("c1002"), await stage.customer("c1010"), await stage.customer("c1005")]
    const risky = ["逾期有什么影响", "罚息怎么算", "有没有宽限期"]
    for (const [i, c] of drafts.entries()) {
      await c.open()
      await c.say(risky[i] ?? "")
      await c.page.locator(".check").waitFor()
    }
    await seat.page.locator(".left .item").nth(2).waitFor()
    await shoot(seat.page, "silent-desk")
    await shoot(agent.page, "desk")

    await boss.page.reload()
    await boss.page.locator(".step.human i").waitFor()
    await boss.page.locator(".needs tbody tr").nth(3).waitFor()
    await shoot(boss.page, "wall")
    await boss.go("team")
    await boss.page.locator(".people tbody tr").nth(2).waitFor()
    await shoot(boss.page, "team")
    await boss.go("tickets")
    await boss.page.locator(".item").first().click()
    await boss.page.locator(".view h1").waitFor()
    await shoot(boss.page, "tickets")
    await boss.go("knowledge")
    await boss.page.locator(".filters input").first().fill("征信")
    await boss.page.locator(".list .item", { hasText: "closing.after_close_credit" }).or(boss.page.locator(".list .item").first()).first().click()
    await boss.page.locator(".ed textarea").first().waitFor()
    await boss.page.locator(".try input").fill("注销后征信还有记录吗")
    await boss.page.locator(".try input").press("Enter")
    await boss.page.locator(".try .out").waitFor()
    await shoot(boss.page, "knowledge")
    await boss.go("flows")
    await boss.page.locator(".left .item", { hasText: "early-repayment" }).click()
    await boss.page.locator(".mid h2", { hasText: "提前还清" }).waitFor()
    await shoot(boss.page, "flows")
    expect(stage.wrong).toEqual([])
  } catch (e) {
    await stage.pictures(join(folder, "../../target/screenshots-failed"), "page")
    throw e
  } finally {
    await stage.end()
    await browser.close()
    await demo.stop()
  }
})
