// One person over many chats: a draft is held for them, edited and sent by keyboard, or vetoed.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("a risky answer waits for the silent seat, is edited and sent, and says that it was checked", async () => {
  const [seat, me] = [await stage.staff("seat"), await stage.customer("c1002")]
  await seat.go("silent")
  await seat.duty("silent_seat")
  await me.open()
  await me.say("逾期有什么影响")
  await me.page.locator(".check").waitFor()

  const { page } = seat
  await page.locator(".mid h1", { hasText: me.name }).waitFor()
  expect(Number(await page.locator(".mid header text").first().textContent())).toBeLessThanOrEqual(60)
  await page.locator(".mid", { hasText: "超时将转人工" }).waitFor()
  await page.keyboard.press("e")
  await page.locator(".mid textarea").waitFor()
  await page.keyboard.type("如有困难，可以申请延期。")
  await page.keyboard.press("Control+Enter")
  const answer = me.theirs("如有困难，可以申请延期。")
  await answer.locator(".meta b", { hasText: "AI · 人工审核" }).waitFor()
  await me.page.locator(".badge.reviewed").waitFor()
  await page.locator(".silent .none").waitFor()

  // A second one is vetoed with a number key and goes to a person.
  await me.say("罚息怎么算")
  await page.locator(".mid blockquote", { hasText: "罚息怎么算" }).waitFor()
  await page.keyboard.press("v")
  await page.locator(".veto").waitFor()
  await page.keyboard.press("5")
  await page.locator(".silent .none").waitFor()
  await me.theirs(/转接|登记/).last().waitFor()
  expect(await me.theirs("逐日计算").count()).toBe(0)
})

it("a vetoed draft goes to the queue and from there to the agent on duty", async () => {
  const [seat, agent, me] = [await stage.staff("seat"), await stage.staff("agent"), await stage.customer("c1010")]
  await seat.go("silent")
  await seat.duty("silent_seat")
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("逾期有什么影响")
  await seat.page.locator(".mid blockquote").waitFor()
  await seat.page.keyboard.press("v")
  await seat.page.locator(".veto").waitFor()
  await seat.page.keyboard.press("2")
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()
  await agent.page.locator(".list .item", { hasText: me.name }).waitFor()
})
