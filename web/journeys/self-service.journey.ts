// A customer does it alone: sums from the lender, a correction understood, a loan settled.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()
interface Home { due: { month: string; total: { fen: number; text: string } }; loans: { id: string; status: string }[] }
const home = (): Promise<Home> => stage.demo.json<Home>("/demo/api/home?customer=c1001")

it("offers, the exact sum due, a correction, and an early settlement with receipt", async () => {
  const me = await stage.customer("c1001")
  await me.open()
  await me.page.locator(".offers button", { hasText: "这个月要还多少" }).waitFor()
  const { due, loans } = await home()

  await me.ask("我这个月要还多少", "您一共要还")
  const card = me.page.locator(".card").last()
  expect(await card.locator(".total dd").textContent()).toBe(`${due.total.text} 元`)

  await me.ask("不对，是下个月", /您一共要还/)
  const next = new Date(`${due.month}T00:00:00Z`)
  next.setUTCMonth(next.getUTCMonth() + 1)
  await me.page.locator(".card h4", { hasText: `${next.getUTCFullYear()}年${next.getUTCMonth() + 1}月应还` }).waitFor()

  await me.ask("提前还款要多少钱", "哪一笔")
  await me.button("随心借").click()
  const quote = me.page.locator(".card", { hasText: "提前还清试算" })
  const sum = await quote.locator(".total dd").textContent()
  expect(sum).toMatch(/^[\d,]+\.\d\d 元$/)
  expect((await home()).loans.filter((l) => l.status === "active")).toHaveLength(loans.filter((l) => l.status === "active").length)
  await me.button("确认还清").click()
  const receipt = me.page.locator(".card", { hasText: "提前还清回执" })
  await receipt.waitFor()
  expect(await receipt.locator(".total dd").textContent()).toBe(sum)
  expect(await me.mine("确认还清").count()).toBe(1)
})

it("a card number typed into a form stays out of the browser's storage", async () => {
  const me = await stage.customer("c1008")
  await me.open()
  await me.say("换一张还款卡")
  const field = me.page.locator("form input[inputmode=numeric]").first()
  await field.fill("4111111111111111")
  expect(await field.inputValue()).toBe("4111 1111 1111 1111")
  await me.page.locator("form input[type=tel]").fill("13800138000")
  await me.page.locator("form .btn.primary").click()
  await me.page.locator(".msg.mine .rows", { hasText: "1111" }).waitFor()
  const kept = await me.page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
  expect(kept).not.toContain("4111")
  expect(await me.page.locator(".msg.mine .rows").textContent()).not.toContain("4111 1111")
})
