// What nobody could answer, and a thumb, come back to the editor: a draft, a lesson, and a model that would learn it.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("an unanswered question becomes a draft, a thumb a lesson, and a change that breaks questions is held up", async () => {
  const [agent, me] = [await stage.staff("agent"), await stage.customer("c1001")]
  await agent.go("desk")
  await agent.duty("agent")
  await me.open()
  const answer = await me.ask("优惠券怎么用", /券/)
  await answer.locator(".thumb").first().click()
  await me.ask("能寄一本台历给我吗", /./)
  await me.page.locator(".human").click()
  await me.page.locator(".line.joined").waitFor()
  const { page: desk } = agent
  await desk.locator(".list .item", { hasText: me.name }).waitFor()
  await desk.keyboard.press("j")
  await desk.locator(".compose textarea").fill("台历在会员页领，本月底前寄出。")
  await desk.keyboard.press("Enter")
  await me.theirs("台历在会员页领").waitFor()
  await desk.locator(".compose textarea").press("Escape")
  await desk.keyboard.press("e")
  await desk.locator(".wrap-up textarea").waitFor()
  await desk.keyboard.press("Control+Enter")
  await me.page.locator(".line", { hasText: "本次对话已结束" }).waitFor()

  const { page } = await stage.staff("editor")
  // The closed conversation is read within a moment.
  const shows = async (path: string, text: string): Promise<void> => {
    await expect.poll(async () => {
      await page.goto(`${stage.demo.url}/console${path}`)
      await page.locator(".tabs").waitFor()
      await page.locator(".item, .empty").first().waitFor()
      return page.locator(".item", { hasText: text }).count()
    }, { timeout: 15_000 }).toBeGreaterThan(0)
  }
  await shows("/knowledge/lessons", "优惠券怎么用")
  await page.locator(".item", { hasText: "优惠券怎么用" }).click()
  await page.locator(".one .chip", { hasText: "客户点赞" }).waitFor()
  await page.locator("h2", { hasText: "优惠券怎么用" }).click()
  await page.keyboard.press("a")
  await page.locator(".sum", { hasText: "已采纳 1" }).waitFor()

  await shows("/knowledge/inbox", "台历")
  await page.locator(".item", { hasText: "台历" }).click()
  await page.locator(".prop .answer", { hasText: "台历在会员页领" }).waitFor()
  await page.locator(".into input").fill("account.calendar")
  await page.getByRole("button", { name: /采纳为草稿/ }).click()
  await page.waitForURL("**/knowledge/account.calendar")
  await page.locator(".ed[lang=zh-CN] textarea").nth(0).waitFor()
  expect(await page.locator(".ed[lang=zh-CN] textarea").nth(0).inputValue()).toContain("寄一本台历给我")

  // Another entry's questions, taken away from it: more breaks than is mended.
  await page.goto(`${stage.demo.url}/console/knowledge/contract.download`)
  const zh = page.locator(".ed[lang=zh-CN]")
  await zh.waitFor()
  await zh.locator("input").first().fill("红烧肉")
  const asks = (await zh.locator("textarea").nth(0).inputValue()).split("\n")
  await page.goto(`${stage.demo.url}/console/knowledge/tests`)
  await page.locator("textarea").fill(asks.slice(1).map((ask) => `想问一下${ask}\tcontract.download`).join("\n"))
  await page.getByRole("button", { name: "添加测试题" }).click()
  await page.locator("tbody tr").first().waitFor()
  await page.goto(`${stage.demo.url}/console/knowledge/contract.download`)
  await zh.locator("input").first().fill("红烧肉")
  await zh.locator("textarea").nth(0).fill("红烧肉怎么做")
  await zh.locator("textarea").nth(1).fill("先焯水。")
  await page.getByRole("button", { name: "发布", exact: true }).click()
  await page.locator(".gate .bad", { hasText: "未通过" }).waitFor()
  expect(await page.locator(".gate").getByRole("button", { name: "仍然发布" }).isDisabled()).toBe(true)
  await page.locator(".gate").getByRole("button", { name: "取消" }).click()
  // Nobody got it.
  await me.page.reload()
  await me.page.locator(".launcher").waitFor()
  await me.open()
  await me.ask("合同在哪里看", /合同/)
})
