// Inspection: what must not be said alarms at once, is found when the conversation closes, and can be appealed against.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()
const forbidden = "您放心，我们保证下款，不用等审核。"
/** A conversation is inspected within this of its closing. */
const inspectedWithinMs = 60_000

it("a forbidden promise alarms the supervisor, is found, appealed against, and struck by somebody impartial", async () => {
  const [agent, boss, me] = [await stage.staff("agent"), await stage.staff("boss"), await stage.customer("c1003")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("转人工")
  await me.page.locator(".line.joined", { hasText: "林小雨" }).waitFor()
  await agent.page.locator(".list .item", { hasText: me.name }).waitFor()
  await agent.page.keyboard.press("j")
  await agent.page.locator(".mid header h2", { hasText: me.name }).waitFor()
  for (const text of ["您好，我是小雨。", forbidden]) {
    await agent.page.locator(".compose textarea").fill(text)
    await agent.page.keyboard.press("Enter")
    await me.theirs(text).waitFor()
  }

  // The supervisor is on the wall, and hears of it while the conversation runs.
  await boss.page.locator(".n-message", { hasText: "质检告警 · 林小雨" }).getByText("保证下款").waitFor()

  await agent.page.locator(".compose textarea").press("Escape")
  await agent.page.keyboard.press("e")
  await agent.page.locator(".wrap-up textarea").waitFor()
  await agent.page.keyboard.press("Control+Enter")
  await me.page.locator(".line", { hasText: "本次对话已结束" }).waitFor()

  // The worst comes first; the quote is marked where it was said.
  await boss.go("inspection")
  const item = boss.page.locator(".list .item", { hasText: me.name })
  await item.waitFor({ timeout: inspectedWithinMs })
  await boss.page.keyboard.press("j")
  await boss.page.locator(".thread mark.critical", { hasText: "保证下款" }).waitFor()
  const score = async (page: typeof boss.page): Promise<number> => Number(await page.locator(".mid header .score").textContent())
  expect(await score(boss.page)).toBe(40)
  await boss.page.keyboard.press("c")
  await boss.page.locator("li[data-rule=no-guarantee]", { hasText: "已确认" }).waitFor()

  // Whom it names sees it, and answers back.
  await agent.go("inspection")
  await agent.page.locator(".list .item", { hasText: me.name }).waitFor()
  await agent.page.keyboard.press("j")
  const mine = agent.page.locator("li[data-rule=no-guarantee]")
  await mine.waitFor()
  expect(await mine.getByRole("button", { name: /确认|驳回/ }).count()).toBe(0)
  await mine.locator(".head").click()
  await agent.page.keyboard.press("a")
  await mine.locator("textarea").fill("客户问的是已审批通过的那一笔，我说的是放款时间。")
  await mine.locator("textarea").press("Control+Enter")
  await mine.locator(".appeal", { hasText: "已审批通过" }).waitFor()

  // Who gave the verdict may not decide; somebody else does, and the points come back.
  await boss.page.locator(".appeal", { hasText: "已审批通过" }).waitFor()
  expect(await boss.page.getByRole("button", { name: /申诉成立/ }).count()).toBe(0)
  const judge = await stage.staff("inspector")
  await judge.page.locator(".filters").getByRole("tab", { name: "有申诉" }).click()
  await judge.page.locator(".list .item", { hasText: me.name }).click()
  const appealed = judge.page.locator("li[data-rule=no-guarantee]")
  await appealed.locator(".head").click()
  await judge.page.keyboard.press("y")
  await appealed.locator(".appeal", { hasText: "申诉成立" }).waitFor()
  expect(await score(judge.page)).toBeGreaterThan(40)
  await judge.page.locator(".list .item").waitFor({ state: "detached" })
})

it("a changed scorecard is tried over history, a broken one is refused, and a good one is published", async () => {
  const judge = await stage.staff("inspector")
  await judge.page.goto(`${stage.demo.url}/console/inspection/scorecard`)
  const editor = judge.page.locator(".edit textarea")
  await editor.waitFor()
  const source = await editor.inputValue()
  await editor.fill(source.replace("loops: {times: 3}", "moonphase: {times: 3}"))
  stage.breaking = true
  await judge.page.getByRole("button", { name: "在历史会话上试跑" }).click()
  await judge.page.locator(".problems", { hasText: "moonphase" }).waitFor()
  stage.breaking = false

  await editor.fill(source.replace("          - 保证下款\n", ""))
  await judge.page.getByRole("button", { name: "在历史会话上试跑" }).click()
  await judge.page.locator(".sums tr", { hasText: "不承诺结果" }).getByText("不再发现").waitFor()
  await judge.page.locator(".publish input").fill("下款一词交给人工复核")
  await judge.page.getByRole("button", { name: "发布新版本" }).click()
  await judge.page.getByText(/v1 · 苏岚/).waitFor()
})
