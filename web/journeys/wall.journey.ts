// The supervisor's wall counts what happened, in either language, light or dark.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("the split counts a conversation on each step that was reached", async () => {
  const [boss, alone, asks, human] = [await stage.staff("boss"), await stage.customer("c1001"), await stage.customer("c1004"), await stage.customer("c1007")]
  await alone.open()
  await alone.ask("我这个月要还多少", "您一共要还")
  await asks.open()
  await asks.ask("优惠券怎么用", /券/)
  await human.open()
  await human.say("转人工")
  await human.page.locator(".line", { hasText: "工单" }).waitFor()

  const { page } = boss
  await page.reload()
  for (const tier of ["self_service", "bot", "human"]) await page.locator(`.step.${tier} i`, { hasText: /^1$/ }).waitFor()
  await page.locator(".step.silent_seat i", { hasText: /^0$/ }).waitFor()
  await page.locator(".needs tbody tr").first().waitFor()

  await page.getByRole("button", { name: "English" }).click()
  await page.locator("h1", { hasText: "Today" }).waitFor()
  expect(await page.locator(".step.self_service span").textContent()).toBe("Self-service")
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en")

  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.getByRole("button", { name: "Light or dark" }).click()
  await page.locator("[data-theme=dark]").waitFor()
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).not.toBe(light)
})
