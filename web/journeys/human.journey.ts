// People: always reachable, with history in hand; and when nobody is there, a promise that is kept.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("with nobody on duty a ticket with a promise is opened, shown and resolved with a note", async () => {
  const me = await stage.customer("c1009")
  await me.open()
  await me.say("转人工")
  const line = me.page.locator(".line", { hasText: "工单" })
  await line.waitFor()
  const id = /工单 (\S+?)，/.exec((await line.textContent()) ?? "")?.[1] ?? ""
  expect(id).not.toBe("")

  const agent = await stage.staff("agent")
  await agent.go("tickets")
  const ticket = agent.page.locator(".item", { hasText: id })
  await ticket.getByText(/^剩 /).waitFor()
  await ticket.click()
  await agent.page.getByRole("button", { name: "答复并完成" }).click()
  await agent.page.locator(".act textarea").fill("已回电，款项已入账。")
  await agent.page.keyboard.press("Control+Enter")
  await ticket.waitFor({ state: "detached" })
  await agent.page.getByRole("tab", { name: /已答复/ }).click()
  await agent.page.locator(".item", { hasText: id }).waitFor()
  await me.theirs("已回电，款项已入账。").waitFor()
})

it("with an agent on duty the customer is joined by name, and the agent has history, facts and suggestions", async () => {
  const [agent, me] = [await stage.staff("agent"), await stage.customer("c1001")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.ask("优惠券怎么用", /券/)
  await me.page.locator(".human").click()
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()
  await me.page.locator(".badge.agent", { hasText: "林小雨" }).waitFor()

  const { page } = agent
  await page.locator(".list .item", { hasText: me.name }).waitFor()
  await page.keyboard.press("j")
  await page.locator(".mid header h2", { hasText: me.name }).waitFor()
  await page.locator(".thread .theirs", { hasText: "优惠券怎么用" }).waitFor()
  await page.locator(".pane .sum li").first().waitFor()
  await page.locator(".pane", { hasText: "借款" }).getByText("随心借").first().waitFor()
  await page.locator(".suggest .s", { hasText: "券" }).first().waitFor()
  await page.keyboard.press("Alt+1")
  expect(await page.locator(".compose textarea").inputValue()).toContain("券")
  await page.locator(".compose textarea").fill("您好，我是小雨，马上为您核对。")
  await page.keyboard.press("Enter")
  const said = me.theirs("我是小雨")
  await said.locator(".meta b", { hasText: "林小雨 人工" }).waitFor()

  await me.say("好的谢谢")
  await page.locator(".thread .theirs", { hasText: "好的谢谢" }).waitFor()
  await page.locator(".compose textarea").press("Escape")
  await page.keyboard.press("e")
  // The summary is written already; the agent checks it.
  await page.locator(".wrap-up textarea").waitFor()
  expect(await page.locator(".wrap-up textarea").inputValue()).toContain("优惠券")
  await page.keyboard.press("Control+Enter")
  await me.page.locator(".line", { hasText: "本次对话已结束" }).waitFor()
})
