import { expect, it } from "vitest"
import { blankIn, fill, mentioned, mentionQuery, offers, slashQuery } from "./replies.ts"

const message = { text: "可在 App 首页查看" }
const suggestions = [{ source: { need: "repayment.due_amount", title: "应还金额" }, message, confidence: 0.7 }]
const replies = [{ id: "hello", title: { "zh-CN": "问候", en: "Greeting" }, text: { "zh-CN": "{customer}您好，我是{agent}", en: "Hello {customer}, this is {agent}" } }]

it("a slash at the start asks for replies, and nothing else does", () => {
  expect([slashQuery("/应还"), slashQuery("／"), slashQuery("a/b"), slashQuery("/应 还")]).toEqual(["应还", "", null, null])
  expect(offers("", suggestions, replies, "zh-CN").map((o) => o.key)).toEqual(["repayment.due_amount", "hello"])
  expect(offers("greet", suggestions, replies, "en").map((o) => o.title)).toEqual(["Greeting"])
})
it("a blank without a name stays, so that nobody sends it", () => {
  expect(fill("{customer}您好，我是{agent}", { customer: "张伟", agent: "小雨" })).toBe("张伟您好，我是小雨")
  expect(blankIn(fill("工单 {ticket} 已建", { customer: "张伟" }))).toBe("{ticket}")
  expect(blankIn("总额 {sum}")).toBeNull()
})
it("an @ at the end asks for a colleague, and whole names are mentions", () => {
  const people = [{ id: "boss", display_name: "何静", on_duty: true }, { id: "agent", display_name: "林小雨", on_duty: false }]
  expect([mentionQuery("请看 @何"), mentionQuery("@"), mentionQuery("@何静 请看")]).toEqual(["何", "", null])
  expect(mentioned("@何静 请看，cc @林", people)).toEqual(["boss"])
})
