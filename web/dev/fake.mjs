// A scripted stand-in for the server, for screenshots only. Not part of any build.
import { createServer } from "node:http"
import { existsSync, readFileSync, statSync } from "node:fs"
import { extname, join } from "node:path"
import { accept } from "./ws.mjs"
const root = new URL("../dist/", import.meta.url).pathname
const now = () => Date.now(), min = 60_000
const mood = (anger = 8, worry = 20, urgency = 25, warmth = 40) => ({ anger, worry, urgency, warmth })
const cust = (id, name, signed_in = true) => ({ id, name, signed_in })
const people = { c1001: "王晓梅", c1002: "李建国", c1003: "陈雨桐", c1004: "赵志强" }
// ── customers' conversations ──
const convs = new Map()
let n = 100
const conv = (id) => { if (!convs.has(id)) convs.set(id, { id, events: [], customers: new Set(), watchers: new Set(), card: null }); return convs.get(id) }
const staffOnly = new Set(["understood", "tier", "draft_proposed", "draft_settled", "flow", "lender", "note"])
function put(c, body, at = now()) {
  const event = { seq: (c.events.at(-1)?.seq ?? 0) + 1, at, body }; c.events.push(event)
  if (!staffOnly.has(body.kind)) for (const w of c.customers) w.send({ type: "event", conversation: c.id, event })
  for (const w of c.watchers) w.send({ type: "event", conversation: c.id, event })
  const text = body.kind === "customer_said" ? body.text : body.kind === "said" ? body.message.text : body.kind === "customer_pressed" ? body.label : null
  if (c.card) {
    c.card.last_seq = event.seq
    if (text) c.card.last = { from: body.kind === "said" ? body.from : "customer", text, at }
    for (const w of staff) w.send({ type: "card", card: c.card })
  }
  return event.seq
}
const bot = (message, reviewed = false) => ({ kind: "said", from: "bot", name: null, reviewed, message })
const dueCard = { title: "8 月应还", tone: "plain", rows: [{ label: "安心贷 ****3021 第 5/12 期", value: "1,086.42 元" }, { label: "其中本金", value: "1,000.00 元" }, { label: "其中利息", value: "86.42 元" }, { label: "还款日", value: "2026-08-15" }], total: { label: "合计", value: "1,086.42 元" } }
function reply(c, text) {
  const say = (ms, f) => setTimeout(f, ms)
  for (const w of c.customers) w.send({ type: "typing", from: "bot" })
  if (/人工|person/.test(text)) { say(500, () => { put(c, { kind: "waiting", position: 2 }); for (const w of c.customers) w.send({ type: "queue", position: 2, expected_wait_secs: 70 }) }); say(9000, () => { put(c, { kind: "joined", name: "林晓" }); put(c, { kind: "said", from: "agent", name: "林晓", reviewed: false, message: { text: "您好，我是人工客服林晓，已看到您前面的对话，请稍等我核实一下。" } }) }); return }
  if (/提前|结清/.test(text)) return say(900, () => put(c, bot({ text: "好的，为您试算提前结清。请问是哪一笔借款？", buttons: [{ label: "安心贷 ****3021（剩 8 期）", action: { do: "choose", flow: "early", step: "loan", value: "l1" }, style: "primary" }, { label: "周转金 ****7716（剩 3 期）", action: { do: "choose", flow: "early", step: "loan", value: "l2" } }, { label: "先不办了", action: { do: "cancel", flow: "early" } }] })))
  if (/卡/.test(text)) return say(900, () => put(c, bot({ text: "请填写新的银行卡，我们会向预留手机号发送验证码。", form: { flow: "card", step: "number", submit: "下一步", fields: [{ name: "card_number", label: "银行卡号", kind: "card", hint: "仅支持本人名下储蓄卡" }, { name: "phone", label: "银行预留手机号", kind: "phone" }, { name: "day", label: "扣款日", kind: "day_of_month" }, { name: "why", label: "更换原因", kind: "choice", options: [{ value: "lost", label: "原卡丢失或注销" }, { value: "limit", label: "原卡限额不足" }] }] } })))
  if (/多扣|不对/.test(text)) { say(600, () => put(c, { kind: "checking" })); return say(4000, () => put(c, bot({ text: "已核对您的扣款记录：8 月 15 日只有一笔成功扣款 1,086.42 元，另一笔为银行预授权，会在 1–3 个工作日内自动退回。" }, true))) }
  say(900, () => { put(c, bot({ text: "您 8 月应还 1,086.42 元，还款日为 2026-08-15，将从尾号 8821 的银行卡自动扣款。", card: dueCard, buttons: [{ label: "现在还款", action: { do: "flow", flow: "repay-now" }, style: "primary" }, { label: "查看账单", action: { do: "open", link: "app://bills" } }, { label: "提前结清要多少钱", action: { do: "ask", need: "repayment.early" } }] })) })
}
// ── staff ──
const staff = new Set()
const me = { id: "s1", name: "linxiao", display_name: "林晓", roles: ["agent", "silent_seat", "supervisor", "knowledge_editor", "admin"] }
let presence = { agent: true, silent_seat: true }, signedIn = true
function seed(id, customer, stage, tier, reason, need, m, events, extra = {}) {
  const c = conv(id); let at = now() - 6 * min
  c.card = { id, customer, channel: "app", lang: "zh-CN", stage: { kind: stage, since: now() - (extra.ago ?? 95_000), deadline: stage === "waiting" ? now() + 8 * min : null, staff: stage === "human" ? "s1" : null, staff_name: stage === "human" ? "林晓" : null }, tier, reason, need, flow: extra.flow ?? null, mood: m, last: null, opened_at: at, last_seq: 0 }
  for (const e of events) put(c, e, at += 35_000)
}
const said = (text, i) => ({ kind: "customer_said", client_id: `x${n++}`, text })
const need = (id, title) => ({ id, title })
seed("v1", cust("c1001", "王晓梅"), "waiting", "human", "signal.complaint", need("repayment.double_charge", "重复扣款"), mood(78, 60, 70, 5), [
  said("你们为什么这个月扣了我两次钱？？"), { kind: "understood", needs: [{ id: "repayment.double_charge", title: "重复扣款", confidence: .83 }, { id: "repayment.amount", title: "应还金额", confidence: .11 }], signals: ["complaint"], mood: mood(64, 55, 60, 5) }, { kind: "lender", operation: "repayments", ok: true }, { kind: "tier", tier: "silent_seat", reason: "risky" },
  bot({ text: "非常抱歉给您带来困扰，我马上为您核对本月扣款记录。", card: { title: "本月扣款记录", tone: "warning", rows: [{ label: "08-15 09:02 尾号 8821", value: "1,086.42 元 成功" }, { label: "08-15 09:02 尾号 8821", value: "1,086.42 元 处理中" }] } }, true), said("处理中是什么意思？钱都没了！再不给我解决我就投诉到银保监"), { kind: "tier", tier: "human", reason: "signal.regulator_threat" }, { kind: "waiting", position: 1 }], { ago: 132_000 })
seed("v2", cust("c1002", "李建国"), "waiting", "human", "asked_for_human", need("postloan.hardship", "还款困难"), mood(10, 82, 40, 20), [said("我失业了，这个月的钱可能还不上，有什么办法吗"), { kind: "tier", tier: "human", reason: "signal.hardship" }, { kind: "waiting", position: 2 }], { ago: 48_000 })
seed("v3", cust("c1003", "陈雨桐"), "human", "human", "taken_over", need("disbursement.slow", "放款慢"), mood(22, 45, 55, 30), [said("昨天申请的借款怎么还没到账"), bot({ text: "您的借款 8,000.00 元已审核通过，正在银行处理，通常 2 小时内到账。", buttons: [{ label: "查看进度", action: { do: "open", link: "app://loans" } }] }), said("都过了一天了"), { kind: "draft_proposed", draft: "d9", text: "请您再耐心等待。" }, { kind: "draft_settled", draft: "d9", outcome: "taken_over", staff: "林晓", reason: null }, { kind: "joined", name: "林晓" }, { kind: "said", from: "agent", name: "林晓", reviewed: false, message: { text: "您好，我是林晓。已联系银行核实：因收款行系统维护，预计今天 18:00 前到账。" } }, { kind: "note", staff: "林晓", text: "已让资金组催行，工单 T-2031，18:00 回访。" }, said("好的谢谢你，那我等等看")], { ago: 250_000 })
seed("v4", cust("c1004", "赵志强"), "draft", "silent_seat", "half_sure", need("limit.raise", "提升额度"), mood(), [said("额度能不能再高点")], { ago: 12_000 })
seed("v5", cust("v-8f2", null, false), "bot", "bot", "answered", need("apply.conditions", "申请条件"), mood(4, 15, 10, 50), [said("学生可以借吗"), bot({ text: "按照监管要求，我们不向在校学生提供借款服务。" })], { ago: 66_000 })
seed("v6", cust("c1007", "孙丽"), "bot", "self_service", "flow_started", need("repayment.early", "提前还款"), mood(3, 10, 20, 62), [said("我想提前还清"), { kind: "flow", flow: "提前结清", state: "started" }, bot({ text: "为您试算完成，今天结清共需 6,214.08 元，可省利息 312.66 元。确认吗？", buttons: [{ label: "确认结清", action: { do: "choose", flow: "early", step: "confirm", value: "yes" }, style: "primary" }] })], { ago: 20_000, flow: "early-repayment" })
seed("v7", cust("c1008", "周磊"), "bot", "bot", "answered", need("account.phone", "换手机号"), mood(6, 22, 30, 44), [said("手机号换了怎么改"), bot({ text: "可以在「我的 – 个人资料」中更换，需要人脸核验。" })], { ago: 180_000 })
const risks = ["high", "medium", "low", "medium", "low"]
const drafts = [["c1004", "赵志强", "额度能不能再高点", "您当前额度 20,000.00 元，系统每月 1 日自动评估。保持按时还款、补充公积金信息，有助于提额。暂不支持人工提额，请谨防代办提额的诈骗。", "limit.raise", "提升额度", .58, "v4"],
  ["c1021", "吴倩", "逾期三天会上征信吗", "您的借款按合同约定报送征信。逾期后请尽快还清，还清后次月更新记录。您当前逾期 3 天，应还 1,240.55 元（含罚息 6.20 元）。", "overdue.credit_report", "逾期与征信", .91, "v3"],
  ["c1022", "郑浩", "那个券用不了啊", "优惠券需在还款日前 3 天内、单笔还款满 500.00 元时使用，您的券有效期至 2026-08-31。", "coupon.use", "优惠券使用", .52, "v7"],
  ["c1023", "何静", "我老公能帮我还吗", "可以由他人代还：在还款页选择「其他银行卡」，使用家人的卡支付即可，到账以您的借款账户为准。", "repayment.by_other", "他人代还", .63, "v5"],
  ["c1024", "高翔", "合同在哪看", "请在「我的 – 合同」中查看与下载全部借款合同。", "contract.view", "查看合同", .55, "v6"]].map(([cid, name, question, text, id, title, confidence, conversation], i) => ({ id: `d${i + 1}`, conversation, customer: cust(cid, name), question, message: { text, buttons: [{ label: "查看详情", action: { do: "open", link: "app://bills" } }] }, need: need(id, title), alternatives: [{ id: "overdue.penalty", title: "罚息怎么算", confidence: .21 }, { id: "repayment.defer", title: "申请延期", confidence: .12 }], confidence, risk: risks[i], why: risks[i] === "high" || i === 1 ? "risky" : "half_sure", mood: mood(i * 14, 60 - i * 9, 40, 20), created_at: now() - i * 4000, deadline: now() + (18 + i * 11) * 1000 + 600_000 * (process.env.CALM ? 1 : 0), at_deadline: risks[i] === "high" ? "handoff" : "send", held_by: i === 3 ? "周宁" : null }))
const tickets = [["T-2031", "v3", "陈雨桐", "放款超过 24 小时未到账", "disbursement.slow", "资金运营", 2.2], ["T-2029", "v1", "王晓梅", "疑似重复扣款，要求退回 1,086.42 元", "repayment.double_charge", "支付结算", 0.4], ["T-2024", "v2", "李建国", "失业，申请延期还款", "postloan.hardship", "贷后服务", -0.5], ["T-2018", "v7", "周磊", "原手机号停用，无法接收验证码", "account.phone", "账户安全", 21]].map(([id, conversation, name, title, nd, department, hours], i) => ({ id, conversation, customer: cust("c" + i, name), title, need: nd, department, summary: `客户反映${title}。已核对借款与扣款记录，客户情绪${i === 1 ? "激动" : "平稳"}，承诺在时限内回电。`, opened_at: now() - 5 * 3600_000, promised_by: now() + hours * 3600_000, state: i === 3 ? "resolved" : "open", note: i === 3 ? "已人工核身并更换手机号" : null }))
const wall = () => ({ day: "2026-11-21", targets: { self_service_and_bot: 70, silent_seat: 20, human: 10 }, conversations: 1284, tiers: [{ tier: "self_service", count: 398 }, { tier: "bot", count: 547 }, { tier: "silent_seat", count: 224 }, { tier: "human", count: 115 }],
  now: { open: 37, waiting: 2, longest_wait_secs: 132, drafts: 5, agents_on: 4, seats_on: 2, expected_wait_secs: 95 },
  reasons: [["answered", 512], ["flow_started", 398], ["half_sure", 141], ["risky", 83], ["asked_for_human", 61], ["signal.complaint", 21], ["signal.hardship", 18], ["repeated_failure", 9]].map(([reason, count]) => ({ reason, count })),
  needs: [["repayment.amount", "本月应还多少", 186, "产品 · 还款", "operation"], ["disbursement.slow", "放款慢", 143, "资金运营", "process"], ["repayment.early", "提前还款", 131, "产品 · 还款", "operation"], ["card.change", "更换还款卡", 97, "支付结算", "process"], ["limit.raise", "提升额度", 84, "风控策略", "business"], ["overdue.credit_report", "逾期与征信", 62, "贷后服务", "business"], ["account.phone", "换手机号", 49, "账户安全", "process"], ["coupon.use", "优惠券使用", 33, "市场运营", "business"]].map(([id, title, count, owner, cause]) => ({ id, title, count, owner, cause })),
  flows: [["due-this-month", "查本月应还", 186, 178], ["early-repayment", "提前结清", 131, 96], ["change-card", "更换还款卡", 97, 71], ["repay-now", "立即还款", 64, 58], ["defer", "申请延期", 32, 19]].map(([id, title, started, solved]) => ({ id, title: { "zh-CN": title, en: id }, started, solved })),
  hours: Array.from({ length: 16 }, (_, hour) => { const k = Math.round(8 + 60 * Math.exp(-((hour - 10) ** 2) / 14)); return { hour, self_service: Math.round(k * .8), bot: k, silent_seat: Math.round(k * .4), human: Math.round(k * .2) } }) })
const entry = (id, title, risk, owner, extra = {}) => ({ id, stage: id.split(".")[0], risk, cause: { kind: extra.cause ?? "operation", area: extra.area ?? "还款页" }, owner, signed_in: false, ...(extra.flow ? { flow: extra.flow } : {}), texts: { "zh-CN": { title, ask: ["怎么" + title, title + "在哪", "我想" + title], answer: extra.answer ?? `关于${title}：请在 App「我的」中办理，通常 1–2 个工作日内完成。`, buttons: [{ label: "去办理", open: "app://bills" }, ...(extra.flow ? [{ label: "现在就办", flow: extra.flow }] : [])] }, ...(extra.noEn ? {} : { en: { title: extra.en ?? id.split(".")[1].replace(/_/g, " "), ask: ["how do I " + id.split(".")[1]], answer: "Please open Profile in the app; it usually takes 1–2 working days.", buttons: [] } }) } })
const published = new Map([entry("repayment.amount", "查应还金额", "low", "产品 · 还款", { flow: "due-this-month" }), entry("repayment.early", "提前还款", "medium", "产品 · 还款", { flow: "early-repayment" }), entry("repayment.double_charge", "重复扣款", "high", "支付结算", { cause: "process", area: "代扣" }), entry("repayment.by_other", "他人代还", "medium", "产品 · 还款"), entry("disbursement.slow", "放款慢", "medium", "资金运营", { cause: "process" }), entry("apply.conditions", "申请条件", "low", "产品 · 进件", { cause: "business" }), entry("limit.raise", "提升额度", "medium", "风控策略", { cause: "business" }), entry("overdue.credit_report", "逾期与征信", "high", "贷后服务", { cause: "business" }), entry("overdue.penalty", "罚息怎么算", "high", "贷后服务"), entry("account.phone", "换手机号", "low", "账户安全"), entry("account.close", "注销账户", "human", "账户安全"), entry("coupon.use", "优惠券使用", "low", "市场运营", { noEn: true }), entry("contract.view", "查看合同", "low", "法务合规")].map((e) => [e.id, e]))
const draftsK = new Map([["repayment.early", { ...published.get("repayment.early"), risk: "high" }], ["card.lost", entry("card.lost", "银行卡丢失", "medium", "支付结算")]])
const flows = [{ id: "early-repayment", title: { "zh-CN": "提前结清", en: "Early settlement" }, needs: ["repayment.early"], steps: [["loans", "call", "查询借款", ["which", "none"]], ["which", "choose", "选择要结清的借款", ["quote"]], ["none", "say", "没有可结清的借款", ["end"]], ["quote", "call", "试算结清金额", ["confirm", "slow"]], ["confirm", "confirm", "今天结清共需 {total}，可省 {saved}", ["settle", "cancelled"]], ["settle", "call", "提交结清", ["done", "slow"]], ["slow", "say", "银行暂未返回，转人工跟进", ["human"]], ["cancelled", "say", "好的，已取消", ["end"]], ["done", "say", "已受理，结果会短信通知", ["end"]], ["end", "end", "解决", []], ["human", "end", "转人工", []]].map(([id, kind, summary, next]) => ({ id, kind, summary, next })) }, { id: "change-card", title: { "zh-CN": "更换还款卡", en: "Change card" }, needs: ["card.change"], steps: [["ask_card", "ask", "卡号与预留手机号", ["add"]], ["add", "call", "登记新卡并发送验证码", ["code", "bad"]], ["bad", "say", "卡号未通过银行校验，请核对", ["ask_card"]], ["code", "ask", "短信验证码", ["verify"]], ["verify", "call", "校验验证码", ["done", "code"]], ["done", "end", "已更换", []]].map(([id, kind, summary, next]) => ({ id, kind, summary, next })) }]
const suggestions = [["disbursement.slow", "放款慢", "您的借款已由我行放出，正在等待收款银行入账，最晚今天 18:00 前到账，到账后会短信通知您。", .82], ["disbursement.failed", "放款失败", "如 18:00 后仍未到账，款项会原路退回，利息不计。您可以重新发起借款。", .44], ["complaint.callback", "承诺回访", "我已为您登记回访，会在 2 小时内给您回电，请保持手机畅通。", .31]].map(([nd, title, text, confidence]) => ({ need: nd, title, message: { text }, confidence }))
const F = (fen) => ({ fen, text: (fen / 100).toLocaleString("en", { minimumFractionDigits: 2 }) })
const home = (id) => ({ profile: { name: people[id] ?? "王晓梅", level: "金卡", phone: "138****2046", day_of_month: 15, overdue: id === "c1004", days_overdue: id === "c1004" ? 3 : 0 }, limit: { limit: F(5000000), used: F(1850000), available: F(3150000), rate: "10.80%", valid_until: "2027-06-30", state: "active", reason: "" },
  loans: [{ id: "LN3021", product: "安心贷", principal: F(1200000), balance: F(833333), rate: "10.80%", terms: 12, terms_left: 8, next_due_date: "2026-12-15", next_due: F(108642), status: "active", method: "等额本息", repayment_day: 15, card: "8821" }, { id: "LN7716", product: "周转金", principal: F(600000), balance: F(200000), rate: "12.60%", terms: 6, terms_left: 2, next_due_date: "2026-12-15", next_due: F(102110), status: "active", method: "等额本息", repayment_day: 15, card: "8821" }],
  due: { month: "2026-12-01", total: F(210752), overdue: F(id === "c1004" ? 52310 : 0), items: [{ loan: "LN3021", product: "安心贷", term: 5, due_date: "2026-12-15", principal: F(100000), interest: F(8642), fee: F(0), penalty: F(0), total: F(108642), status: "due" }, { loan: "LN7716", product: "周转金", term: 5, due_date: "2026-12-15", principal: F(100000), interest: F(2110), fee: F(0), penalty: F(0), total: F(102110), status: "due" }] },
  applications: [{ id: "AP900", product: "安心贷", amount: F(800000), applied_on: "2026-11-20", state: "disbursing", expected_by: "2026-11-22", reason: "" }], cards: [{ id: "k1", bank: "招商银行", tail: "8821", default: true }, { id: "k2", bank: "建设银行", tail: "0937", default: false }], coupons: [{ id: "q1", title: "还款立减券", value: F(1000), min_amount: F(50000), valid_until: "2026-12-31", state: "usable" }] })
const routes = {
  "POST /api/customer/session": (b) => { const id = b.token ? b.token.replace("tok-", "") : b.visitor; const c = [...convs.values()].find((x) => x.owner === id); return { session: `ses-${id}`, visitor: b.token ? null : b.visitor, customer: cust(id, people[id] ?? null, !!b.token), conversation: c?.id ?? null, epoch: "e1" } },
  "GET /api/customer/offers": () => ({ offers: ["本月要还多少钱", "提前结清要多少钱", "我要更换还款银行卡", "昨天的借款怎么还没到账"].map((label) => ({ label, action: { do: "ask", need: label } })) }),
  "POST /api/staff/login": (b) => { if (b.password !== "jieti") throw [401, { code: "login.wrong", message: "name or password is wrong; check both, or ask an administrator to reset it" }]; signedIn = true; return me },
  "POST /api/staff/logout": () => { signedIn = false; return null }, "GET /api/staff/me": () => { if (!signedIn) throw [401, { code: "session.missing", message: "not signed in" }]; return me },
  "PUT /api/staff/presence": (b) => { presence = b; return null },
  "GET /api/staff/tickets": () => ({ tickets }), "GET /api/staff/wall": wall, "GET /api/staff/conversations": () => ({ cards: [...convs.values()].map((c) => c.card).filter(Boolean) }),
  "GET /api/knowledge/entries": () => ({ entries: [...new Set([...published.keys(), ...draftsK.keys()])].map((id) => { const e = draftsK.get(id) ?? published.get(id); return { id, stage: e.stage, title: e.texts["zh-CN"].title, risk: e.risk, owner: e.owner, languages: Object.keys(e.texts), state: !published.has(id) ? "new" : draftsK.has(id) ? "changed" : "published" } }) }),
  "POST /api/knowledge/publish": (b) => { for (const id of b.ids) { if (draftsK.has(id)) published.set(id, draftsK.get(id)); draftsK.delete(id) } return { published: b.ids.length } },
  "POST /api/knowledge/try": (b) => ({ needs: [{ id: "repayment.early", title: "提前还款", confidence: .86 }, { id: "repayment.amount", title: "查应还金额", confidence: .08 }], signals: /烦|投诉/.test(b.text) ? ["complaint"] : [], entities: ["month 2026-12"], verdict: "flow", mood: mood() }),
  "POST /api/knowledge/batch-test": (b) => { const rows = b.lines.map((l, i) => { const before = i % 3 === 1 ? null : { id: "repayment.early", title: "提前还款", confidence: .62 }, after = { id: l.expect ?? "repayment.early", title: "提前还款", confidence: .81 }; return { ...l, before, after, verdict_before: before ? "draft" : "abstain", verdict_after: "answer", right_before: l.expect ? before?.id === l.expect : null, right_after: l.expect ? true : null } }); return { rows, summary: { lines: rows.length, right_before: rows.filter((r) => r.right_before).length, right_after: rows.filter((r) => r.right_after).length, changed: rows.filter((r) => r.before?.id !== r.after?.id).length } } },
  "GET /api/flows": () => ({ flows }), "GET /api/health": () => ({ status: "ok", version: "0.1.0", store: "sqlite", entries: published.size }),
  "GET /demo/api/customers": () => ({ customers: Object.entries(people).map(([id, name], i) => ({ id, name, situation: { "zh-CN": ["两笔在贷，按时还款", "刚失业，下月还款困难", "新申请放款中", "逾期 3 天"][i], en: ["Two loans, on time", "Lost the job, hard to pay", "Waiting for disbursement", "3 days overdue"][i] } })) }),
  "POST /demo/api/sign-in": (b) => ({ token: `tok-${b.customer}`, name: people[b.customer] }),
}
const patterns = [
  [/^GET \/api\/staff\/conversations\/([^/]+)$/, (m) => { const c = conv(m[1]); return { card: c.card, events: c.events, summary: { lines: ["客户反映昨日申请的借款 8,000.00 元未到账", "智能助手已告知银行处理中；客户等待已超 24 小时", "情绪：担忧，语气尚可；此前无投诉记录"] }, suggestions } }],
  [/^GET .*\/facts$/, () => ({ profile: [["name", "陈*桐"], ["phone", "138****2046"], ["level", "金卡"], ["overdue", "false"], ["day_of_month", "15"]].map(([label, value]) => ({ label, value })), loans: [{ title: "安心贷 ****3021", rows: [{ label: "剩余本金", value: "8,333.33 元" }, { label: "剩余期数", value: "8 / 12" }, { label: "下期 2026-12-15", value: "1,086.42 元" }] }, { title: "周转金 ****7716", tone: "warning", rows: [{ label: "剩余本金", value: "2,000.00 元" }, { label: "下期 2026-12-15", value: "1,021.10 元" }] }] })],
  [/^GET .*\/suggestions$/, () => ({ suggestions })],
  [/^POST \/api\/staff\/conversations\/([^/]+)\/(say|take|close|note|release)$/, (m, b) => { const c = conv(m[1]); if (m[2] === "say") return { seq: put(c, { kind: "said", from: "agent", name: "林晓", reviewed: false, message: { text: b.text } }) }; if (m[2] === "note") return { seq: put(c, { kind: "note", staff: "林晓", text: b.text }) }; c.card.stage = { ...c.card.stage, kind: m[2] === "take" ? "human" : m[2] === "close" ? "closed" : "bot", since: now(), staff: m[2] === "take" ? "s1" : null, staff_name: m[2] === "take" ? "林晓" : null }; return { seq: put(c, m[2] === "take" ? { kind: "joined", name: "林晓" } : m[2] === "close" ? { kind: "closed" } : { kind: "left" }) } }],
  [/^POST \/api\/staff\/drafts\/([^/]+)\/(claim|send|edit|veto|take-over)$/, (m) => { const i = drafts.findIndex((d) => d.id === m[1]); if (i < 0) throw [409, { code: "draft.settled", message: "周宁 已先处理了这条草稿" }]; if (m[2] === "claim") return { seq: 0 }; if (drafts[i].held_by) throw [409, { code: "draft.held", message: "held by 周宁" }]; const [d] = drafts.splice(i, 1); for (const w of staff) w.send({ type: "draft_gone", id: d.id, conversation: d.conversation }); return { seq: 1 } }],
  [/^POST \/api\/staff\/tickets\/([^/]+)\/resolve$/, (m, b) => { const t = tickets.find((x) => x.id === m[1]); t.state = "resolved"; t.note = b.note; return { seq: 1 } }],
  [/^GET \/api\/knowledge\/entries\/(.+)$/, (m) => ({ published: published.get(m[1]) ?? null, draft: draftsK.get(m[1]) ?? null, versions: [{ version: 3, at: now() - 86400e3, by: "周宁" }, { version: 2, at: now() - 9 * 86400e3, by: "林晓" }] })],
  [/^PUT \/api\/knowledge\/entries\/(.+)\/draft$/, (m, b) => { draftsK.set(m[1], b); return { problems: b.texts["zh-CN"]?.answer?.trim() ? [] : [`entry "${m[1]}" (ZhCn): answer is empty; write it`] } }],
  [/^DELETE \/api\/knowledge\/entries\/(.+)\/draft$/, (m) => { draftsK.delete(m[1]); return null }],
]
const types = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml" }
const server = createServer((req, res) => {
  const url = new URL(req.url, "http://x"); let body = ""
  req.on("data", (c) => (body += c)); req.on("end", () => {
    const key = `${req.method} ${url.pathname}`
    try {
      let out
      if (routes[key]) out = routes[key](body ? JSON.parse(body) : {})
      else if (url.pathname === "/demo/api/home") out = home(url.searchParams.get("customer"))
      else { const p = patterns.find(([re]) => re.test(key)); if (p) out = p[1](p[0].exec(key), body ? JSON.parse(body) : {}) }
      if (out !== undefined) { res.writeHead(out === null ? 204 : 200, { "content-type": "application/json" }); return res.end(out === null ? "" : JSON.stringify(out)) }
    } catch (e) { if (Array.isArray(e)) { res.writeHead(e[0], { "content-type": "application/json" }); return res.end(JSON.stringify(e[1])) } console.error(e); res.writeHead(500); return res.end("{}") }
    if (url.pathname === "/host.html") { res.writeHead(200, { "content-type": "text/html" }); return res.end(`<!doctype html><html lang=zh-CN><meta charset=utf-8><meta name=viewport content="width=device-width"><body style="font-family:sans-serif"><h1>page</h1><script src="/widget.js" data-jieti data-server="" data-token="tok-${url.searchParams.get("c") ?? "c1001"}"></script></body></html>`) }
    const area = url.pathname === "/widget.js" ? ["widget", "/widget.js"] : url.pathname.startsWith("/console/") ? ["console", url.pathname.slice(8)] : url.pathname.startsWith("/demo/") ? ["demo-app", url.pathname.slice(5)] : null
    if (!area) { res.writeHead(404); return res.end() }
    let file = join(root, area[0], area[1]); if (!existsSync(file) || statSync(file).isDirectory()) file = join(root, area[0], "index.html")
    if (!existsSync(file)) { res.writeHead(404); return res.end() }
    res.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" }); res.end(readFileSync(file))
  })
})
server.on("upgrade", (req, socket) => {
  const url = new URL(req.url, "http://x"), ws = accept(req, socket)
  if (url.pathname === "/api/staff/live") {
    staff.add(ws); ws.onclose = () => { staff.delete(ws); for (const c of convs.values()) c.watchers.delete(ws) }
    ws.send({ type: "hello", epoch: "e1", staff: me, presence, cards: [...convs.values()].map((c) => c.card).filter(Boolean), drafts })
    ws.onmessage = (m) => { if (m.type === "watch") { const c = conv(m.conversation); c.watchers.add(ws); for (const event of c.events) if (event.seq > m.after_seq) ws.send({ type: "event", conversation: c.id, event }) } if (m.type === "unwatch") conv(m.conversation).watchers.delete(ws) }
    return
  }
  const owner = url.searchParams.get("session").slice(4)
  let c = [...convs.values()].find((x) => x.owner === owner)
  ws.send({ type: "hello", epoch: "e1", conversation: c?.id ?? null, last_seq: c?.events.at(-1)?.seq ?? 0 })
  if (c) { c.customers.add(ws); for (const event of c.events) if (event.seq > Number(url.searchParams.get("seq")) && !staffOnly.has(event.body.kind)) ws.send({ type: "event", conversation: c.id, event }) }
  ws.onclose = () => c?.customers.delete(ws)
  ws.onmessage = (m) => {
    if (m.type === "ping") return ws.send({ type: "pong" })
    if (m.type === "rate") return
    if (!c) { c = conv(`k${n++}`); c.owner = owner; c.card = { id: c.id, customer: cust(owner, people[owner] ?? null, !!people[owner]), channel: "app", lang: "zh-CN", stage: { kind: "bot", since: now(), deadline: null, staff: null, staff_name: null }, tier: "bot", reason: "answered", need: null, flow: null, mood: mood(), last: null, opened_at: now(), last_seq: 0 } }
    c.customers.add(ws)
    const dup = c.events.find((e) => e.body.client_id === m.client_id); if (dup) return ws.send({ type: "ack", client_id: m.client_id, seq: dup.seq })
    const body = m.type === "say" ? { kind: "customer_said", client_id: m.client_id, text: m.text } : m.type === "press" ? { kind: "customer_pressed", client_id: m.client_id, label: m.label } : { kind: "customer_submitted", client_id: m.client_id, rows: Object.keys(m.values).map((label) => ({ label, value: "****" })) }
    const text = m.type === "say" ? m.text : m.type === "press" ? m.label : ""
    setTimeout(() => { const seq = put(c, body); ws.send({ type: "ack", client_id: m.client_id, seq }); if (m.type === "submit") return put(c, bot({ text: "已收到，验证码已发送至您的预留手机号。" })); if (m.action?.do === "leave_queue") return put(c, { kind: "left" }); if (!c.events.some((e) => e.body.kind === "joined")) reply(c, text) }, 250)
  }
})
server.listen(Number(process.env.PORT ?? 8499), "127.0.0.1", () => console.log("fake server on", process.env.PORT ?? 8499))
