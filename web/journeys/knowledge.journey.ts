// An editor changes an answer, sees what would change, publishes; the bot says the new words at once.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("an edited answer is tested, published, and given without a restart", async () => {
  const [editor, me] = [await stage.staff("editor"), await stage.customer("c1001")]
  const { page } = editor
  await editor.go("knowledge")
  await me.open()
  expect(await (await me.ask("合同在哪里看", /合同/)).textContent()).not.toContain("新版合同中心")

  await page.locator(".filters input").first().fill("contract.download")
  await page.locator(".list .item", { hasText: "contract.download" }).click()
  const zh = page.locator(".ed[lang=zh-CN]")
  await zh.locator("textarea").nth(1).fill("在“我的-新版合同中心”查看和下载。")
  await zh.locator("textarea").nth(0).fill(`${await zh.locator("textarea").nth(0).inputValue()}\n那本蓝皮小册子在哪`)
  await page.getByRole("button", { name: "保存草稿" }).click()
  await page.locator(".list .item.on .chip", { hasText: "有修改" }).waitFor()

  await page.locator(".tabs a", { hasText: "批量测试" }).click()
  await page.locator(".in textarea").fill("那本蓝皮小册子在哪\tcontract.download\n今天天气怎么样")
  await page.getByRole("button", { name: "运行" }).click()
  const row = page.locator("tbody tr.changed", { hasText: "那本蓝皮小册子在哪" })
  await row.locator("td").last().locator(".right").waitFor()
  expect(await row.locator("td").nth(2).textContent()).not.toBe(await row.locator("td").nth(3).textContent())

  // Still the old words: a draft is nobody's answer.
  expect(await (await me.ask("合同在哪里下载", /合同/)).textContent()).not.toContain("新版合同中心")
  await page.goBack()
  await page.locator(".ed").first().waitFor()
  await page.getByRole("button", { name: "发布", exact: true }).click()
  await page.locator(".n-message", { hasText: "已发布 1 条" }).waitFor()
  await me.ask("合同在哪里看", "新版合同中心")
})
