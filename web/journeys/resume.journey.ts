// kill -9 in mid-conversation: nothing lost, nothing doubled, nobody has to begin again.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("a killed server comes back to the same conversation, and words typed meanwhile are delivered once", async () => {
  const [agent, me] = [await stage.staff("agent"), await stage.customer("c1001")]
  await me.open()
  await me.ask("我这个月要还多少", "您一共要还")
  await me.say("合同在哪里看")
  await me.mine("合同在哪里看").locator("time, .meta").first().waitFor()
  await me.theirs(/合同/).last().waitFor()
  const before = await me.page.locator(".msg .bubble").allTextContents()

  stage.breaking = true
  await stage.demo.kill()
  await me.page.locator(".banner", { hasText: "网络已断开" }).waitFor()
  await agent.page.locator(".link.offline").waitFor()
  await me.say("优惠券怎么用")
  await me.mine("优惠券怎么用").locator(".meta", { hasText: "发送中" }).waitFor()
  await stage.demo.restart()
  await me.theirs("券").last().waitFor({ timeout: 45_000 })
  await me.page.locator(".banner").waitFor({ state: "hidden" })
  await agent.page.locator(".link.open").waitFor({ timeout: 45_000 })
  stage.breaking = false

  const after = await me.page.locator(".msg .bubble").allTextContents()
  expect(after.slice(0, before.length)).toEqual(before)
  expect(after.filter((t) => t === "优惠券怎么用")).toHaveLength(1)
  // Signed in still: the page was asked for a fresh token, and the lender still answers for this customer.
  await me.ask("下个月要还多少", "您一共要还")

  // A reload tells the same story.
  await me.page.reload()
  await me.page.locator(".launcher").click()
  await me.theirs("您一共要还").last().waitFor()
  expect((await me.page.locator(".msg .bubble").allTextContents()).filter((t) => t === "优惠券怎么用")).toHaveLength(1)
})
