// The bot answers what it knows, opens the right page, and says so when it does not know.
import { expect, it } from "vitest"
import { journey } from "./journey.ts"

const stage = journey()

it("a known question is answered with buttons, and a deep link opens the app's page", async () => {
  const me = await stage.customer("c1001")
  await me.open()
  const answer = await me.ask("怎么修改登录密码", "忘记密码")
  expect(await answer.locator(".meta b").textContent()).toBe("AI")
  await me.button("安全中心").click()
  await me.page.waitForURL("**/demo/#/security**")
  await me.page.locator(".page .big").waitFor()
  await me.page.locator(".panel").waitFor({ state: "hidden" })
})

it("words typed before the line is up are sent once it is, over one line only", async () => {
  const me = await stage.customer("c1004")
  let sessions = 0
  let go = (): void => undefined
  const typed = new Promise<void>((done) => { go = done })
  await me.page.route("**/api/customer/session", async (route) => {
    sessions += 1
    await typed
    await route.continue()
  })
  await me.open()
  await me.say("优惠券怎么用")
  await me.say("合同在哪里看")
  await me.mine("合同在哪里看").waitFor()
  go()
  await me.theirs("合同").last().waitFor()
  expect(sessions).toBe(1)
  expect(await me.page.locator(".msg.mine").count()).toBe(2)
})

it("a question outside its work is not answered", async () => {
  const me = await stage.customer("c1007")
  await me.open()
  const answer = await me.ask("今天天气怎么样", "没有把握")
  await answer.locator(".btn", { hasText: "转人工" }).waitFor()
})

it("markup from a customer stays text", async () => {
  const me = await stage.customer("c1007")
  await me.open()
  await me.say("<img src=x onerror=alert(1)> https://x.y")
  await me.mine("<img src=x onerror=alert(1)>").locator(".meta", { hasText: "已送达" }).waitFor()
  expect(await me.page.locator(".bubble img, .bubble a").count()).toBe(0)
})

it("every sentence of the demo's side panel ends on the step it is listed under", async () => {
  const { samples } = await import("../demo-app/src/words.ts")
  const boss = await stage.staff("admin")
  const steps = [["flow"], ["answer"], ["draft"], ["human"]]
  for (const lang of ["zh-CN", "en"] as const) {
    for (const [i, sentences] of samples[lang].entries()) {
      for (const text of sentences) {
        const tried = await boss.page.request.post(`${stage.demo.url}/api/knowledge/try`, { data: { text, lang } })
        expect(steps[i], text).toContain(((await tried.json()) as { verdict: string }).verdict)
      }
    }
  }
})
