// More than one person at the desk: a hung browser, a supervisor's word, a colleague who joins, personal data by reason.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("a hung agent's customer is told, and picked up by another agent with everything that was said", async () => {
  const [agent, me] = [await stage.staff("agent"), await stage.customer("c1001")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("转人工")
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()

  // The page stops: no heartbeat, no close. What runs on for ever is ended with the browser.
  void agent.page.evaluate(() => { for (;;) Math.random() }).catch(() => undefined)
  const boss = await stage.staff("boss")
  await boss.go("desk")
  await boss.duty("agent")
  // Three beats of 15 s, five seconds to requeue, and a little for two busy cores.
  await me.theirs("同事暂时离开了").waitFor({ timeout: 65_000 })
  await me.page.locator(".line.joined", { hasText: "何静" }).waitFor()
  await boss.page.locator(".list .item", { hasText: me.name }).click()
  await boss.page.locator(".thread .theirs", { hasText: "转人工" }).waitFor()
  await boss.page.locator(".compose textarea:enabled").waitFor()
  await boss.page.keyboard.press("r")
  await boss.page.keyboard.type("我来继续为您服务。")
  await boss.page.keyboard.press("Enter")
  await me.theirs("我来继续为您服务。").waitFor()
})

it("an agent raises a hand, the supervisor whispers, and the customer hears nothing of it", async () => {
  const [agent, boss, me] = [await stage.staff("agent"), await stage.staff("boss"), await stage.customer("c1004")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("转人工")
  await me.page.locator(".line.joined").waitFor()
  await agent.page.locator(".list .item", { hasText: me.name }).click()
  await agent.page.locator(".compose textarea:enabled").waitFor()
  await agent.page.keyboard.press("h")

  await boss.go("desk")
  await boss.page.locator(".list section", { hasText: "举手求助" }).locator(".item", { hasText: me.name }).click()
  await boss.page.keyboard.press("w")
  await boss.page.locator(".box.whisper textarea").waitFor()
  await boss.page.keyboard.type("先确认是哪一笔借款。")
  await boss.page.keyboard.press("Enter")
  await agent.page.locator(".thread .whisper", { hasText: "先确认是哪一笔借款。" }).waitFor()
  await agent.page.locator(".viewer", { hasText: "何静" }).waitFor()
  // Seen to: the hand is down.
  await boss.page.locator(".list section", { hasText: "举手求助" }).waitFor({ state: "detached" })

  // The supervisor takes over; what the agent still says comes back to the agent as a draft.
  await boss.page.locator(".compose textarea").press("Escape")
  await boss.page.keyboard.press("t")
  await me.page.locator(".line.joined", { hasText: "何静" }).waitFor()
  expect(await me.page.getByText("先确认是哪一笔借款").count()).toBe(0)
})

it("a colleague joins, a canned reply is filled in, and a phone number is shown for a reason", async () => {
  const [agent, seat, me] = [await stage.staff("agent"), await stage.staff("seat"), await stage.customer("c1006")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("转人工")
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()
  const { page } = agent
  await page.locator(".list .item", { hasText: me.name }).click()
  await page.locator(".compose textarea:enabled").waitFor()
  await page.keyboard.press("r")
  await page.keyboard.type("/问候")
  await page.locator(".menu li", { hasText: "问候" }).waitFor()
  await page.keyboard.press("Enter")
  expect(await page.locator(".compose textarea").inputValue()).toContain(`${me.name}您好，我是林小雨`)
  await page.keyboard.press("Enter")
  await me.theirs("我是林小雨").waitFor()

  await page.locator(".pane .reveal").click()
  await page.keyboard.type("回电确认")
  await page.keyboard.press("Enter")
  await page.locator(".pane dd", { hasText: /^1\d{10}$/ }).waitFor()

  await seat.go("desk")
  await seat.duty("agent")
  await page.locator(".compose textarea").press("Escape")
  await page.keyboard.press("c")
  await page.locator("section[role=dialog] li", { hasText: "周明" }).click()
  await page.keyboard.press("Enter")
  await me.page.locator(".line.joined", { hasText: "周明" }).waitFor()
  await seat.page.locator(".list .item", { hasText: me.name }).click()
  await seat.page.locator(".compose textarea:enabled").waitFor()
  await seat.page.keyboard.press("r")
  await seat.page.keyboard.type("我来补充一下。")
  await seat.page.keyboard.press("Enter")
  await me.theirs("我来补充一下。").waitFor()
})
