// Problems: a conversation that closes is put down to its cause; the board makes it a case; the department notes its fix.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()
/** A conversation is attributed within this of its closing. */
const attributedWithinMs = 60_000

it("a closed conversation shows on the board, is corrected, becomes a case, and its fix is noted", async () => {
  const [agent, boss, me] = [await stage.staff("agent"), await stage.staff("boss"), await stage.customer("c1003")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  await me.say("放款多久到账")
  await me.say("转人工")
  // Only one's own conversation can be closed.
  await me.page.locator(".line.joined").waitFor()
  await agent.page.locator(".list .item", { hasText: me.name }).waitFor()
  await agent.page.keyboard.press("j")
  await agent.page.locator(".mid header h2", { hasText: me.name }).waitFor()
  // The heading may show before the conversation is known to be one's own.
  await agent.page.locator(".compose .box:not(.locked)").waitFor()
  await agent.page.locator(".compose textarea").press("Escape")
  await agent.page.keyboard.press("e")
  await agent.page.locator(".wrap-up textarea").waitFor()
  await agent.page.keyboard.press("Control+Enter")
  await me.page.locator(".line", { hasText: "本次对话已结束" }).waitFor()

  const problem = boss.page.locator(".board tr", { hasText: "放款时效" })
  await expect.poll(async () => { await boss.go("problems"); await boss.page.locator("h1", { hasText: "问题榜" }).waitFor(); return problem.count() }, { timeout: attributedWithinMs }).toBe(1)
  await problem.locator("button.name").click()
  await boss.page.locator(".side h2", { hasText: "放款时效" }).waitFor()
  await boss.page.locator(".parts .why").first().waitFor()
  const saved = boss.page.waitForEvent("download")
  await boss.page.getByRole("link", { name: "导出 CSV" }).click()
  expect((await saved).suggestedFilename()).toBe("problems.csv")

  // A person knows better; the problem moves to where they put it.
  await boss.page.keyboard.press("c")
  const correction = boss.page.getByRole("dialog", { name: "更正归因" })
  await correction.locator("select").nth(1).selectOption({ label: "放款进度" })
  await correction.locator("select").nth(2).selectOption({ label: "技术" })
  await boss.page.keyboard.press("Control+Enter")
  await correction.waitFor({ state: "detached" })
  const moved = boss.page.locator(".board tr", { hasText: "放款进度" })
  await moved.locator("button.name").click()
  await boss.page.locator(".parts .why", { hasText: "确认" }).first().waitFor()

  await boss.page.keyboard.press("o")
  const dialog = boss.page.getByRole("dialog", { name: "建立整改" })
  await dialog.locator("select").waitFor()
  await boss.page.keyboard.press("Control+Enter")
  await boss.page.locator(".state", { hasText: "待接手" }).waitFor()
  await boss.page.keyboard.press("a")
  await boss.page.locator(".state", { hasText: "已接手" }).waitFor()
  await boss.page.keyboard.press("f")
  await boss.page.locator(".ask textarea").fill("换了放款通道，超时自动切换。")
  await boss.page.keyboard.press("Control+Enter")
  await boss.page.locator(".state", { hasText: "已修复，待验证" }).waitFor()
  await boss.page.locator(".events li", { hasText: "换了放款通道" }).waitFor()
})

it("the board can be used in English, in the dark, at 1280 by 720", async () => {
  const boss = await stage.staff("boss", { en: true, dark: true })
  await boss.go("problems")
  await boss.page.locator("h1", { hasText: "Problem board" }).waitFor()
  expect(await boss.page.evaluate("document.documentElement.scrollWidth")).toBe(1280)
})
