// From what the app saw to help on the screen, and to the people who look for the cause.
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { journey } from "./journey.ts"
import type { Customer, Staff } from "./people.ts"

const stage = journey()

/** As few in the control group as may be; who is in it follows from the order in which customers came, so it is the same in every run. */
async function showToMost(boss: Staff, id: string): Promise<void> {
  const { triggers } = (await (await boss.page.request.get(`${stage.demo.url}/api/staff/guidance`)).json()) as { triggers: { trigger: { id: string; control_percent: number }; version: number }[] }
  const found = triggers.find((v) => v.trigger.id === id)
  if (!found) throw new Error(`no trigger ${id}`)
  const set = await boss.page.request.put(`${stage.demo.url}/api/staff/guidance/${id}`, { data: { trigger: { ...found.trigger, control_percent: 5 }, based_on: found.version, why: "" } })
  expect(set.status(), await set.text()).toBe(204)
}

/** Goes as far as the ID card, whose photo never gets clear. */
async function photographs(me: Customer, times: number): Promise<void> {
  const { page } = me
  await page.locator(".hero .cta").click()
  await page.locator("[data-jieti=start]").click()
  await page.locator("[data-trouble=photo]").check()
  for (let i = 0; i < times; i++) {
    await page.locator("[data-jieti='photo.front']:enabled").click()
    await page.locator(".photo.blurred:enabled").waitFor()
  }
}

async function csv(staff: Staff, button: string): Promise<string> {
  const [file] = await Promise.all([staff.page.waitForEvent("download"), staff.page.locator(button).first().click()])
  return readFileSync(await file.path(), "utf8")
}

it("who cannot get a photo through is helped before asking, and staff see where, how and what came of it", async () => {
  const boss = await stage.staff("boss")
  await showToMost(boss, "id-photo-refused")
  const me = await stage.customer("c1007")
  await photographs(me, 3)
  const card = me.page.locator(".guide")
  await card.getByText("照片没通过").waitFor()
  // It came by itself, took nobody's focus, and leaves what is being done in reach.
  expect(await me.page.locator(".panel").isVisible()).toBe(false)
  expect(await me.page.evaluate(() => document.activeElement?.tagName !== "DIV")).toBe(true)
  const told = me.page.waitForResponse((r) => r.url().endsWith("/api/customer/guidance") && (r.request().postData() ?? "").includes("clicked"))
  await card.locator("label").first().click()
  expect((await told).ok()).toBe(true)
  for (const item of await card.locator("label").all()) await item.locator("input").check({ force: true })
  await card.getByText("再试一次").waitFor()
  await card.locator(".btn").click()
  await card.waitFor({ state: "hidden" })

  // The break point, the anonymous session behind it, and the table as a file.
  await boss.go("journeys")
  await boss.page.locator(".tabs a", { hasText: "断点" }).click()
  const row = boss.page.locator(".breaks tr", { hasText: "上传身份证" }).filter({ hasText: "反复出错" })
  await row.locator("code", { hasText: "blurred" }).waitFor()
  const table = await csv(boss, ".csv")
  expect(table).toContain("上传身份证,反复出错,1,1,")
  await row.click()
  const drawer = boss.page.locator(".drawer")
  await drawer.locator(".sessions button").first().click()
  await drawer.locator(".trail .a-field_error", { hasText: "blurred" }).nth(2).waitFor()
  expect(await drawer.textContent()).not.toContain(me.name)

  await boss.page.locator(".tabs a", { hasText: "旅程图" }).click()
  await boss.page.locator(".chart svg path").first().waitFor()
  expect(await csv(boss, ".panel .csv")).toContain("start,id_upload,1")
  await boss.page.locator(".tabs a", { hasText: "实时" }).click()
  await boss.page.locator(".stuck tr", { hasText: "上传身份证" }).waitFor()

  await boss.go("guidance")
  await boss.page.locator(".item", { hasText: "身份证反复拍不清" }).locator(".open").click()
  await boss.page.locator(".experiment", { hasText: "1 位客户遇到 · 点开 1 · 关闭 0" }).waitFor()
})

it("the same help is not shown again, and one that is put away stays away", async () => {
  const boss = await stage.staff("boss")
  await showToMost(boss, "card-refused")
  const me = await stage.customer("c1004")
  const { page } = me
  await page.goto(`${stage.demo.url}/demo/#/apply/card`)
  await page.locator("[data-trouble=card]").check()
  await page.locator("[data-jieti='card.number']").fill("4111111111111111")
  await page.locator("[data-jieti='card.phone']").fill("13800138000")
  for (let i = 0; i < 3; i++) {
    await page.locator("[data-jieti='card.bind']:enabled").click()
    await page.locator(".note.bad").waitFor()
    await page.locator("[data-jieti='card.bind']:enabled").waitFor()
  }
  const card = page.locator(".guide")
  await card.getByText("银行卡没绑上").waitFor()
  // The offer of a chat has the likely answer in it already.
  await card.locator(".btn.primary").click()
  await page.locator(".panel .guide .guide-answer").waitFor()
  const told = page.waitForResponse((r) => r.url().endsWith("/api/customer/behaviour"))
  await card.locator(".guide-close").click()
  await card.waitFor({ state: "hidden" })
  await told
  expect(await card.isVisible()).toBe(false)
})

it("without consent nothing is told", async () => {
  const me = await stage.customer("c1009")
  await me.page.locator(".bar .text", { hasText: "换一位客户" }).click()
  const said: string[] = []
  await me.page.locator(".agree input").uncheck()
  me.page.on("request", (r) => { if (r.url().includes("/api/customer/behaviour")) said.push(r.url()) })
  await me.page.locator(".item", { hasText: me.name }).click()
  await me.page.locator(".hero").waitFor()
  await photographs(me, 4)
  expect(said).toEqual([])
})

it("a number typed into the app is in nothing that is told", async () => {
  const me = await stage.customer("c1008")
  const bodies: string[] = []
  me.page.on("request", (r) => { if (r.url().includes("/api/customer/behaviour")) bodies.push(r.postData() ?? "") })
  await me.page.goto(`${stage.demo.url}/demo/#/apply/card`)
  await me.page.locator("[data-jieti='card.number']").fill("4111111111111111")
  await me.page.locator("[data-jieti='card.phone']").fill("13800138000")
  const told = me.page.waitForResponse((r) => r.url().endsWith("/api/customer/behaviour") && (r.request().postData() ?? "").includes("card.bind"))
  await me.page.locator("[data-jieti='card.bind']").click()
  expect((await told).ok()).toBe(true)
  const all = bodies.join("\n")
  expect(all).toContain('"act":"click"')
  expect(all).not.toMatch(/4111|138001/)
})
