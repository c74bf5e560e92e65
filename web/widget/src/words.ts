/** Every text of the widget, in both languages. */
import type { Problem } from "@jieti/lib/fields"
import type { Lang } from "@jieti/lib/wire"

const zh = {
  launcher: "打开在线客服", title: "在线客服", close: "收起", minimise: "关闭对话窗口",
  badge_bot: "智能助手 AI", badge_reviewed: "智能助手 · 人工审核", badge_agent: "{name} · 人工", badge_waiting: "正在为您转接人工",
  from_bot: "AI", from_reviewed: "AI · 人工审核", from_agent: "人工",
  greeting_title: "您好，请问有什么可以帮您？", greeting_name: "{name}，您好，请问有什么可以帮您？",
  greeting_text: "我是 AI 智能助手，7×24 小时在线。经人工核对的回答会注明，您随时可以转人工。",
  offers: "您可能想问", placeholder: "请输入您的问题", send: "发送", human: "转人工", input: "消息输入框", log: "对话记录",
  sending: "发送中", saved: "已送达", failed: "未发送", resend: "重新发送", discard: "删除",
  offline: "网络已断开，正在重连。您写的内容会保留，连上后自动发送。", offline_retry: "立即重连",
  refused: "无法连接客服：{message}。请稍后再试或拨打客服热线。", token_expired: "登录状态已过期，现以访客身份咨询。查询账户问题请重新登录 App。",
  checking: "人工正在核对回复，请稍候", waiting: "已为您排队，人工马上就来", waiting_position: "排队中：前面还有 {n} 位", waiting_next: "排队中：下一位就是您",
  wait: "预计等待{time}", leave_queue: "不等了，继续问智能助手", joined: "{name} 已接入，正在为您服务", left: "已回到智能助手，继续为您服务",
  ticket: "已为您登记工单 {ticket}，我们将在 {time} 前给您答复", closed: "本次对话已结束，继续发消息可再次咨询",
  earlier: "以上是之前的对话", typing_bot: "智能助手正在输入", typing_agent: "客服正在输入",
  rate_up: "有帮助", rate_down: "没帮助", rated: "感谢反馈", newest: "有新消息", choose: "请选择", total: "合计",
  done: "已提交", superseded: "已失效", yuan: "元", day_suffix: "日", days_suffix: "天", every_month: "每月",
  too_long: "最多 {n} 字，请分几次发送", no_answer: "未收到送达确认，请重新发送", attention: "需要注意",
  my_tickets: "我的工单", no_tickets: "您还没有工单", tickets_failed: "暂时查不到工单，请稍后再试", promised: "承诺 {time} 前答复", reopen: "没解决，继续处理", reopen_why: "还有什么没解决？", withdraw: "撤回", withdraw_sure: "确认撤回？", not_done: "没有办成，请稍后再试", how_good: "对答复满意吗？", back: "返回对话",
  guide: "为您准备的帮助", guide_close: "关闭提示", guide_ok: "知道了", guide_go: "去看看", guide_tried: "我试过了", guide_all: "都检查过了，再试一次吧", guide_chat: "问问客服", guide_helped: "有帮助", guide_ask: "还有疑问，问客服",
}
type Words = typeof zh
export type Key = keyof Words

const en: Words = {
  launcher: "Open support chat", title: "Support", close: "Minimise", minimise: "Close the chat window",
  badge_bot: "AI assistant", badge_reviewed: "AI assistant · checked by a person", badge_agent: "{name} · person", badge_waiting: "Connecting you to a person",
  from_bot: "AI", from_reviewed: "AI · checked by a person", from_agent: "Person",
  greeting_title: "Hello, how can we help?", greeting_name: "Hello {name}, how can we help?",
  greeting_text: "I am an AI assistant, here day and night. Answers that a person checked say so, and you can ask for a person at any time.",
  offers: "You may want to ask", placeholder: "Type your question", send: "Send", human: "Talk to a person", input: "Message", log: "Conversation",
  sending: "Sending", saved: "Delivered", failed: "Not sent", resend: "Send again", discard: "Delete",
  offline: "You are offline; reconnecting. What you write is kept and sent when the line is back.", offline_retry: "Reconnect now",
  refused: "Support cannot be reached: {message}. Please try again later or call the hotline.", token_expired: "Your sign-in has expired, so you are chatting as a visitor. Sign in to the app again for account questions.",
  checking: "A person is checking the reply, one moment", waiting: "You are in the queue; a person will be with you soon", waiting_position: "In the queue: {n} ahead of you", waiting_next: "In the queue: you are next",
  wait: "expected wait: {time}", leave_queue: "Stop waiting, ask the assistant", joined: "{name} has joined and is helping you", left: "Back with the AI assistant",
  ticket: "Ticket {ticket} is open; you will hear from us by {time}", closed: "This conversation has ended; send a message to start again",
  earlier: "Earlier conversation above", typing_bot: "The assistant is typing", typing_agent: "The agent is typing",
  rate_up: "Helpful", rate_down: "Not helpful", rated: "Thank you", newest: "New messages", choose: "Please choose", total: "Total",
  done: "Sent", superseded: "No longer valid", yuan: "yuan", day_suffix: "th", days_suffix: "days", every_month: "day",
  too_long: "At most {n} characters; please send it in parts", no_answer: "No confirmation of delivery; please send again", attention: "Attention",
  my_tickets: "My tickets", no_tickets: "You have no tickets yet", tickets_failed: "Tickets cannot be shown just now; please try again later", promised: "Answer promised by {time}", reopen: "Not solved, go on", reopen_why: "What is still open?", withdraw: "Withdraw", withdraw_sure: "Withdraw it?", not_done: "That did not work; please try again later", how_good: "How was the answer?", back: "Back to the chat",
  guide: "Help for you", guide_close: "Dismiss", guide_ok: "Got it", guide_go: "Take me there", guide_tried: "I tried these", guide_all: "All checked; please try once more", guide_chat: "Ask support", guide_helped: "That helped", guide_ask: "Still unsure, ask support",
}

const problems: Record<Lang, Record<Problem, string>> = {
  "zh-CN": {
    empty: "请填写{label}", money: "{label}应为金额，最多两位小数，如 1234.50", money_positive: "{label}应大于 0",
    date: "{label}应为日期，如 2026-08-15", month: "{label}应为月份，如 2026-08", day_of_month: "{label}应为 1–28 日",
    days: "{label}应为 1–365 天", phone: "{label}应为 11 位大陆手机号", card_length: "{label}应为 12–19 位数字",
    card_check: "{label}有误，请逐位核对", code: "{label}应为 4–8 位数字", choice: "请选择{label}",
  },
  en: {
    empty: "Please fill in: {label}", money: "{label}: an amount with at most two decimals, such as 1234.50", money_positive: "{label}: more than 0",
    date: "{label}: a date such as 2026-08-15", month: "{label}: a month such as 2026-08", day_of_month: "{label}: a day from 1 to 28",
    days: "{label}: 1 to 365 days", phone: "{label}: an 11-digit mainland mobile number", card_length: "{label}: 12 to 19 digits",
    card_check: "{label} has a mistyped digit; please compare it with the card", code: "{label}: 4 to 8 digits", choice: "Please choose: {label}",
  },
}

export function words(lang: Lang) {
  const dictionary = lang === "zh-CN" ? zh : en
  return (key: Key, values: Record<string, string | number> = {}): string => fill(dictionary[key], values)
}
export type T = ReturnType<typeof words>

export function problemText(lang: Lang, problem: Problem, label: string): string {
  return fill(problems[lang][problem], { label })
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
