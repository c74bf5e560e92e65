// A complaint from chat to ticket to clock: filled in with one key, paused, resumed, extended by another person, answered,
// and followed by the customer.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("a complaint becomes a ticket with one key, and the customer follows it to the answer", async () => {
  const [agent, me] = [await stage.staff("agent"), await stage.customer("c1002")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("我要投诉，你们多扣了我的钱")
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()

  // One key: everything is there.
  const { page } = agent
  await page.locator(".list .item", { hasText: me.name }).waitFor()
  await page.keyboard.press("j")
  await page.locator(".mid header h2", { hasText: me.name }).waitFor()
  await page.keyboard.press("i")
  const dialog = page.getByRole("dialog", { name: "新建工单" })
  await dialog.waitFor()
  expect(await dialog.locator("select").first().inputValue()).toBe("complaint")
  expect(await dialog.locator("textarea").inputValue()).toContain("多扣了我的钱")
  await dialog.locator(".chip", { hasText: "剩余本金" }).waitFor()
  await dialog.locator("input").first().fill("多扣款投诉")
  await page.keyboard.press("Control+Enter")
  await dialog.waitFor({ state: "detached" })
  const told = me.theirs(/已为您登记工单 T\S+?，/).last()
  await told.waitFor()
  const id = /工单 (T\S+?)，/.exec((await told.textContent()) ?? "")?.[1] ?? ""
  expect(id).not.toBe("")

  // The clocks: the law's goes on while the working one stands still.
  await page.locator(".pane .ticket", { hasText: id }).click()
  await page.locator(".view h1", { hasText: "多扣款投诉" }).waitFor()
  await page.locator(".clock.legal", { hasText: "15 个自然日" }).waitFor()
  await page.keyboard.press("p")
  await page.locator(".act textarea").fill("请发一份银行流水")
  await page.keyboard.press("Control+Enter")
  await page.locator(".clock.still", { hasText: "解决" }).waitFor()
  await me.theirs("请发一份银行流水").waitFor()
  // Single keys are for the dialogue as long as one is open.
  await page.locator(".act textarea").waitFor({ state: "detached" })
  await page.keyboard.press("p")
  await page.locator(".clock.still").first().waitFor({ state: "detached" })

  // Longer: complex, asked for by one, approved by another, told to the customer.
  await page.getByRole("button", { name: "标为复杂" }).click()
  await page.locator(".act textarea").fill("涉及合作方")
  await page.keyboard.press("Control+Enter")
  await page.locator(".clock.legal", { hasText: "30 个自然日" }).waitFor()
  await page.getByRole("button", { name: "申请延期 30 日" }).click()
  await page.locator(".act textarea").fill("合作方要两周")
  await page.keyboard.press("Control+Enter")
  await page.locator(".clock.legal", { hasText: "延期待审批" }).waitFor()
  const boss = await stage.staff("boss")
  await boss.go("tickets")
  await boss.page.locator(".item", { hasText: id }).click()
  await boss.page.getByRole("button", { name: "批准延期" }).click()
  await me.theirs("处理期限延长 30 日").waitFor()
  await page.locator(".clock.legal", { hasText: "60 个自然日" }).waitFor()

  // The answer, and what the customer sees of it all.
  await page.keyboard.press("r")
  await page.locator(".act textarea").fill("多扣的 15 元已退回。")
  await page.keyboard.press("Control+Enter")
  await page.locator(".clock.legal.done").waitFor()
  await me.theirs("多扣的 15 元已退回。").last().waitFor()
  await me.page.getByRole("button", { name: "我的工单" }).click()
  const mine = me.page.locator(".ticket", { hasText: id })
  await mine.getByText("已答复").waitFor()
  for (const step of ["已受理", "请您补充：请发一份银行流水", "情况复杂", "延长 30 日", "答复：多扣的 15 元已退回。"]) await mine.locator("li", { hasText: step }).waitFor()
  expect(await mine.textContent()).not.toContain("合作方要两周")
})
