/** Texts of the demo app. */
const zh = {
  app: "安心借", demo: "演示应用", signin: "选择一位客户登录", signin_sub: "这些都是虚构客户，各有不同的处境。登录后点右下角的客服图标。",
  retry: "重试", load_failed: "暂时取不到账户数据：{why}。请确认 Jieti 服务已启动，再重试。", switch: "换一位客户", back: "返回", ask: "问客服",
  available: "可用额度（元）", total_limit: "总额度 {sum}", rate: "年化利率（单利）{rate}", borrow: "去借款", due: "{month} 月应还（元）", due_now: "本月应还（元）", due_none: "本月没有应还账单",
  overdue: "您有逾期款 {sum} 元，已逾期 {days} 天，请尽快还款", repay: "去还款", loans: "我的借款", applications: "借款申请", nothing_loans: "还没有借款。可用额度内申请，最快几分钟到账。", all: "全部",
  left: "剩余 {left}/{terms} 期", next: "下期 {date}", balance: "剩余本金", principal: "本金", interest: "利息", fee: "费用", penalty: "罚息", term: "第 {n} 期", due_date: "还款日 {date}", card_tail: "尾号 {tail}", deducted: "到期自动从尾号 {tail} 扣款",
  default_card: "默认还款卡", add_card: "添加银行卡", valid_until: "有效期至 {date}", minimum: "满 {sum} 可用", nothing: "这里还没有内容", nothing_coupons: "没有可用的优惠券", nothing_cards: "还没有绑定银行卡，添加后可用于收款和还款",
  yuan: "元", method: "还款方式", rate_row: "年化利率", expected: "预计 {date} 前到账", applied: "{date} 申请", month_total: "合计", demo_note: "演示应用：此页不连接真实系统，办理请通过客服完成。",
  consent: "允许应用根据使用情况，在我遇到困难时主动提供帮助（不记录输入的内容，可随时关闭）",
  tab_home: "首页", tab_bills: "账单", tab_me: "我的", hello: "{name}，您好",
  side_title: "阶梯客服 · 试一试", side_text: "手机里是一家虚构贷款机构的 App，右下角是它的客服。点一句话就会发给客服，看它由哪一级台阶接住。", side_send: "发送给客服", side_console: "在工作台里看另一面 →",
  tier_1: "自助", tier_1_text: "流程直接办完，金额来自贷款系统", tier_2: "智能助手", tier_2_text: "有把握、低风险的问题直接回答", tier_3: "静默坐席", tier_3_text: "拿不准或高风险：人工先核对再发出", tier_4: "人工", tier_4_text: "投诉、困难、诈骗立即到人",
  state_approved: "已通过", state_rejected: "未通过", state_reviewing: "审核中", state_disbursing: "放款中", state_disbursed: "已放款", state_active: "还款中", state_overdue: "已逾期", state_due: "待还", state_paid: "已还", state_usable: "可用", state_used: "已使用", state_expired: "已过期", state_settled: "已结清", state_frozen: "已冻结", state_normal: "正常", state_pending: "处理中", state_processing: "处理中", state_open: "待还", state_upcoming: "未到期",
}
type Words = typeof zh
const en: Words = {
  app: "Anxin Loans", demo: "Demo app", signin: "Sign in as a customer", signin_sub: "All of them are fictional, each in another situation. Then tap the support icon at the bottom right.",
  retry: "Try again", load_failed: "The account cannot be read: {why}. Check that the Jieti server is running, then try again.", switch: "Switch customer", back: "Back", ask: "Ask support",
  available: "Available (yuan)", total_limit: "Limit {sum}", rate: "{rate} a year, simple", borrow: "Borrow", due: "Due in month {month} (yuan)", due_now: "Due this month (yuan)", due_none: "Nothing is due this month",
  overdue: "{sum} yuan is {days} days overdue; please repay soon", repay: "Repay", loans: "My loans", applications: "Applications", nothing_loans: "No loans yet. Apply within your limit; money can arrive in minutes.", all: "All",
  left: "{left} of {terms} left", next: "next {date}", balance: "Balance", principal: "Principal", interest: "Interest", fee: "Fee", penalty: "Penalty", term: "Instalment {n}", due_date: "due {date}", card_tail: "ending {tail}", deducted: "Collected from the card ending {tail}",
  default_card: "Default card", add_card: "Add a card", valid_until: "valid until {date}", minimum: "from {sum}", nothing: "Nothing here yet", nothing_coupons: "No coupons to use", nothing_cards: "No card yet; add one to receive and repay money",
  yuan: "yuan", method: "Method", rate_row: "Rate a year", expected: "expected by {date}", applied: "applied {date}", month_total: "Total", demo_note: "Demo app: this page is not connected to a real system; support can do it for you.",
  consent: "Let the app see where I get stuck, so that it can help (never what I type; can be switched off at any time)",
  tab_home: "Home", tab_bills: "Bills", tab_me: "Me", hello: "Hello {name}",
  side_title: "Try the staircase", side_text: "The phone shows the app of a fictional lender with its support at the bottom right. Click a sentence to send it and see which step catches it.", side_send: "Send to support", side_console: "See the other side in the console →",
  tier_1: "Self-service", tier_1_text: "A flow does it; sums come from the lender", tier_2: "AI assistant", tier_2_text: "Answers what it is sure of and what is low risk", tier_3: "Silent seat", tier_3_text: "Unsure or risky: a person checks before it goes out", tier_4: "Person", tier_4_text: "Complaints, hardship and fraud go up at once",
  state_approved: "approved", state_rejected: "declined", state_reviewing: "in review", state_disbursing: "being paid out", state_disbursed: "paid out", state_active: "active", state_overdue: "overdue", state_due: "due", state_paid: "paid", state_usable: "usable", state_used: "used", state_expired: "expired", state_settled: "settled", state_frozen: "frozen", state_normal: "normal", state_pending: "in progress", state_processing: "in progress", state_open: "due", state_upcoming: "not due yet",
}
export const messages = { "zh-CN": zh, en }

/** Sentences that end on each step. */
export const samples = {
  "zh-CN": [["我这个月要还多少", "提前还款要多少钱", "换一张还款卡"], ["申请需要什么条件", "优惠券怎么用", "合同在哪里看"], ["逾期有什么影响", "有没有宽限期"], ["我要投诉，你们乱扣钱", "我失业了，这个月还不上", "转人工"]],
  en: [["how much do I owe this month", "change my repayment card"], ["how do I apply for a loan", "my coupon does not work", "where can I download my contract"], ["what happens if I am overdue", "does applying check my credit"], ["I want to complain, you charged me twice", "I lost my job and cannot pay", "talk to a person"]],
} as const

/** Pages that need no data of the customer: title, text, points, and what to ask support. */
export interface PlainPage { title: string; text: string; points: string[]; ask: string }
const page = (title: string, text: string, points: string[], ask: string): PlainPage => ({ title, text, points, ask })
export const plain: Record<"zh-CN" | "en", Record<string, PlainPage>> = {
  "zh-CN": {
    apply: page("申请借款", "在可用额度内借款，利率和费用在签约前完整展示。", ["按日计息，提前还款不收违约金", "资料：身份证、本人储蓄卡、人脸核验", "请勿相信代办，申请不收任何前期费用"], "我想申请借款"),
    "early-repayment": page("提前还款", "可结清一笔借款，剩余利息不再收取。结清金额以当天试算为准。", ["结清后可在「证明」开具结清证明", "当天 22:00 前提交，当天入账"], "我想提前结清"),
    "cards/add": page("添加银行卡", "仅支持本人名下的储蓄卡，需银行预留手机号验证。", ["支持 18 家银行", "换手机号后请先到银行更新预留号码"], "换一张还款银行卡"),
    contracts: page("合同", "全部借款合同与授权书，可查看和下载。", ["借款合同", "征信查询授权书", "代扣授权书"], "合同在哪里看"),
    certificates: page("证明", "结清证明、还款计划和借款凭证，电子签章。", ["结清证明：结清后次日可开", "还款流水：近 24 个月"], "开一张结清证明"),
    "profile/phone": page("更换手机号", "更换登录手机号需要人脸核验；原号码停用也可以办理。", ["新号码会收到验证码", "银行预留手机号请到银行更换"], "我要换手机号"),
    security: page("安全中心", "登录设备、密码和人脸核验。", ["登录密码：已设置", "人脸核验：已开启", "我们不会向您索要验证码"], "我怀疑账户被盗用"),
    messages: page("消息", "账单提醒和业务通知。", ["本月账单已生成", "借款申请进度有更新"], "为什么总收到短信"),
    help: page("帮助中心", "常见问题都可以直接问客服，7×24 小时。", ["还款与账单", "放款与到账", "额度与利率", "账户与安全"], "怎么还款"),
    "credit-authorization": page("征信授权", "查询征信前需要您的书面授权，仅用于本次审批与贷后管理。", ["授权可在合同页查看", "查询记录会保留在您的征信报告中"], "为什么要查我的征信"),
    "close-account": page("注销账户", "注销前需结清全部借款。注销后按法规保留必要的交易记录。", ["没有未结清借款", "没有进行中的申请"], "我要注销账户"),
    "id-upload": page("上传身份证", "请在光线充足处拍摄，四角完整、无反光。", ["JPG 或 PNG，不超过 10 MB", "有效期需在 30 天以上"], "身份证上传失败"),
    "face-check": page("人脸核验", "请本人操作，摘下帽子和口罩，正对屏幕。", ["失败 3 次后需等待 24 小时", "可在其他设备重试"], "人脸识别一直失败"),
  },
  en: {
    apply: page("Apply", "Borrow within your limit; rate and fees are shown in full before you sign.", ["Interest by the day, no charge for early repayment", "ID card, own debit card and a face check", "Nobody may ask for money up front"], "I want to apply for a loan"),
    "early-repayment": page("Early repayment", "Settle a loan and pay no more interest. The sum is the quote of the day.", ["A certificate is ready the next day", "Until 22:00 it counts the same day"], "I want to settle early"),
    "cards/add": page("Add a card", "Your own debit card, verified with the mobile number kept by the bank.", ["18 banks", "Update the number at the bank first"], "change my repayment card"),
    contracts: page("Contracts", "All contracts and authorisations, to read and download.", ["Loan contract", "Credit report authorisation", "Direct debit authorisation"], "where is my contract"),
    certificates: page("Certificates", "Settlement, schedule and proof of loan, signed electronically.", ["Settlement: the day after", "Repayments: last 24 months"], "I need a settlement certificate"),
    "profile/phone": page("Change mobile number", "Needs a face check; the old number need not work.", ["The new number gets a code", "The bank's number is changed at the bank"], "change my phone number"),
    security: page("Security", "Devices, password and face check.", ["Password: set", "Face check: on", "We never ask for a code"], "I think my account was stolen"),
    messages: page("Messages", "Bills and notices.", ["This month's bill is ready", "Your application moved on"], "why do I get so many texts"),
    help: page("Help", "Ask support anything, day and night.", ["Repayment and bills", "Payout", "Limit and rate", "Account and security"], "how do I repay"),
    "credit-authorization": page("Credit authorisation", "We read your credit report only with your written consent.", ["See it under contracts", "Every query is on your report"], "why do you check my credit report"),
    "close-account": page("Close account", "All loans must be settled first. Records the law requires are kept.", ["No open loans", "No running application"], "close my account"),
    "id-upload": page("Upload ID card", "Good light, four corners, no reflection.", ["JPG or PNG up to 10 MB", "Valid for 30 more days"], "ID card upload fails"),
    "face-check": page("Face check", "You, no cap, no mask, facing the screen.", ["After 3 failures wait 24 hours", "Or use another device"], "face check keeps failing"),
  },
}
