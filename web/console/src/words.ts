/** Every text of the console: [zh-CN, en]. */
const pairs = {
  app: ["阶梯", "Jieti"], tagline: ["智能与人工，同一座阶梯", "AI and people on one staircase"],
  nav: { wall: ["总览", "Wall"], desk: ["工作台", "Desk"], silent: ["静默坐席", "Silent desk"], tickets: ["工单", "Tickets"], knowledge: ["知识", "Knowledge"], batch: ["批量测试", "Batch test"], flows: ["流程", "Flows"] },
  tier: { self_service: ["自助", "Self-service"], bot: ["智能助手", "Bot"], silent_seat: ["静默坐席", "Silent seat"], human: ["人工", "Human"] },
  stage: { bot: ["智能助手处理", "with the bot"], draft: ["待静默坐席", "draft waits"], waiting: ["排队等人工", "waiting"], human: ["人工服务中", "with a person"], closed: ["已结束", "closed"] },
  risk: { low: ["低风险", "low risk"], medium: ["中风险", "medium risk"], high: ["高风险", "high risk"], human: ["必须人工", "people only"] },
  cause: { business: ["业务", "Business"], process: ["流程", "Process"], operation: ["操作", "Operation"] },
  reason: {
    answered: ["有把握，直接回答", "answered with confidence"], greeted: ["问候", "greeted"], flow_started: ["进入自助流程", "flow started"], half_sure: ["把握不足", "half sure"], risky: ["风险较高", "risky"],
    asked_for_human: ["客户要求人工", "asked for a person"], needs_human: ["此类问题须人工", "need is for people"], repeated_failure: ["多次未解决", "repeated failure"], draft_expired: ["草稿超时", "draft expired"], draft_vetoed: ["草稿被否决", "draft vetoed"],
    taken_over: ["坐席接管", "taken over"], lender_failed: ["贷款系统未响应", "lender did not answer"], flow_handoff: ["流程转人工", "flow handed off"], wants_human: ["客户要求人工", "asked for a person"], complaint: ["投诉", "complaint"],
    regulator_threat: ["扬言向监管投诉", "regulator threat"], fraud_victim: ["疑似被骗", "fraud victim"], hardship: ["还款困难", "hardship"], self_harm: ["自伤风险", "self-harm"], abuse: ["辱骂", "abuse"], signal: ["客户信号", "customer signal"],
    affirm: ["肯定", "affirms"], deny: ["否定", "denies"], cancel: ["取消", "cancels"], resume: ["继续", "resumes"], correction: ["更正", "corrects"], not_solved: ["未解决", "not solved"], thanks: ["致谢", "thanks"], greeting: ["问候", "greeting"], goodbye: ["道别", "goodbye"],
  },
  verdict: { answer: ["直接回答", "answer"], draft: ["交静默坐席", "draft"], clarify: ["反问澄清", "clarify"], abstain: ["不作答", "abstain"], human: ["转人工", "human"], flow: ["进入流程", "flow"] },
  flow_state: { started: ["开始", "started"], paused: ["暂停", "paused"], resumed: ["继续", "resumed"], solved: ["已解决", "solved"], cancelled: ["已取消", "cancelled"], failed: ["失败", "failed"] },
  outcome: { sent: ["已发送", "sent"], edited: ["改后发送", "edited and sent"], vetoed: ["已否决", "vetoed"], taken_over: ["已接管", "taken over"], expired: ["已超时", "expired"], withdrawn: ["已撤回", "withdrawn"] },
  mood: { calm: ["平静", "calm"], anger: ["生气", "angry"], worry: ["担忧", "worried"], urgency: ["着急", "urgent"], warmth: ["友善", "warm"], title: ["情绪", "Mood"] },
  login: { title: ["登录阶梯", "Sign in to Jieti"], name: ["用户名", "User name"], password: ["密码", "Password"], submit: ["登录", "Sign in"], failed: ["登录失败：{why}", "Sign-in failed: {why}"], empty: ["请输入用户名和密码", "Enter name and password"] },
  top: {
    agent: ["人工在岗", "On duty: agent"], seat: ["静默坐席在岗", "On duty: silent seat"], online: ["已连接", "Connected"], connecting: ["连接中", "Connecting"], offline: ["连接断开，正在重连；列表可能不是最新", "Disconnected, reconnecting; lists may be stale"],
    theme: ["切换明暗", "Light or dark"], lang: ["English", "中文"], logout: ["退出登录", "Sign out"], help: ["快捷键", "Keyboard shortcuts"], palette: ["搜索与命令", "Search and commands"], presence_failed: ["在岗状态未更新：{why}", "Presence not changed: {why}"], notify: ["桌面通知", "Desktop notifications"],
  },
  common: {
    retry: ["重试", "Try again"], cancel: ["取消", "Cancel"], save: ["保存", "Save"], close: ["关闭", "Close"], search: ["搜索", "Search"], all: ["全部", "All"], load_failed: ["{what}加载失败：{why}", "{what} did not load: {why}"], visitor: ["访客", "Visitor"],
    not_signed_in: ["未登录", "not signed in"], total: ["合计", "Total"], action_failed: ["操作未成功：{why}", "That did not work: {why}"], count: ["{n} 条", "{n}"], you: ["我", "you"], none: ["无", "none"],
  },
  wall: {
    title: ["今日总览", "Today"], conversations: ["今日会话", "Conversations"], split: ["分层占比与目标", "Tier split and targets"], target: ["目标 {n}%", "target {n}%"], target_least: ["目标 ≥ {n}%", "target ≥ {n}%"], target_most: ["目标 ≤ {n}%", "target ≤ {n}%"], met: ["达标", "on target"], missed: ["未达标", "off target"], ai_alone: ["智能独立解决", "AI alone"],
    open: ["进行中", "Open"], waiting: ["排队", "Waiting"], longest: ["最长等待", "Longest wait"], drafts: ["待审草稿", "Drafts"], agents: ["在岗人工", "Agents on"], seats: ["在岗静默坐席", "Seats on"], expected: ["预计等待", "Expected wait"],
    reasons: ["到达各层的原因", "Why conversations got there"], needs: ["最多的需求，以及谁能让它消失", "Top needs, and who can remove them"], need: ["需求", "Need"], count: ["次数", "Count"], cause: ["归因", "Cause"], owner: ["责任方", "Owner"], flows: ["自助流程完成率", "Self-service completion"], hours: ["分时会话", "By hour"], solved: ["{a}/{b} 解决", "{a} of {b} solved"],
    empty: ["今天还没有会话", "No conversations yet today"], empty_text: ["打开 /demo/ 以客户身份问一句，这里会立即出现。", "Open /demo/, ask something as a customer, and it shows up here."], updated: ["每 10 秒更新", "updates every 10 s"],
  },
  desk: {
    waiting: ["等待中", "Waiting"], mine: ["我的", "Mine"], bot: ["智能助手", "With the bot"], others: ["其他坐席", "Other agents"], empty: ["现在没有进行中的会话", "No open conversations"], empty_text: ["客户要求人工、或策略把会话交给人时，会出现在这里并按等待时间排序。", "When a customer asks for a person, or the policy calls one, the conversation shows up here, longest wait first."],
    pick: ["选择一个会话", "Pick a conversation"], pick_text: ["按 J / K 上下切换，T 接管，? 查看全部快捷键。", "J and K move, T takes, ? shows every key."], take: ["接管", "Take"], end: ["结束", "End"], release: ["交回智能助手", "Back to the bot"], note: ["备注", "Note"], reply: ["回复", "Reply"], send: ["发送", "Send"], add_note: ["保存备注", "Save note"],
    composer: ["回复客户，输入 / 选择建议，Enter 发送", "Reply; / for suggestions, Enter sends"], note_placeholder: ["仅员工可见的备注，Enter 保存", "Note for staff only, Enter saves"], must_take: ["接管后才能回复客户", "Take the conversation to reply"], suggestions: ["建议回复", "Suggested replies"], no_suggestions: ["暂无合适的建议", "No fitting suggestion"],
    summary: ["摘要", "Summary"], no_summary: ["对话还短，暂无摘要", "Too short for a summary yet"], need: ["当前需求", "Need"], profile: ["客户资料", "Customer"], loans: ["借款", "Loans"], tickets: ["工单", "Tickets"], no_tickets: ["没有工单", "No tickets"], facts_failed: ["贷款系统资料暂不可用：{why}", "Lender facts are unavailable: {why}"], anonymous: ["访客未登录，没有账户资料", "Visitor is not signed in: no account facts"],
    wait: ["已等 {time}", "waited {time}"], due: ["{time} 后转为回访", "callback in {time}"], opened: ["{time} 进入", "since {time}"], typing: ["客户正在输入", "typing"], sending: ["发送中", "sending"], failed: ["未发送：{why}", "not sent: {why}"], resend: ["重发", "Send again"], staff_only: ["仅员工可见", "staff only"], internal: ["显示过程", "Show process"], confirm_end: ["结束与 {name} 的会话？客户会收到结束提示。", "End the conversation with {name}? The customer is told."],
    suggest_hint: ["Alt+1–3 插入", "Alt+1–3 inserts"], load: ["会话", "Conversation"], closed: ["会话已结束", "The conversation is closed"], reviewed: ["AI · 人工审核", "AI · checked"], ai: ["AI", "AI"], customer: ["客户", "Customer"], new_below: ["有新消息", "New messages"],
  },
  line: {
    understood: ["理解为", "understood"], signals: ["信号", "signals"], tier: ["进入{tier}：{reason}", "{tier}: {reason}"], draft_proposed: ["AI 草稿：{text}", "draft: {text}"], draft_settled: ["草稿{outcome}", "draft {outcome}"], by: ["（{who}）", "({who})"], flow: ["流程 {flow} {state}", "flow {flow} {state}"], lender_ok: ["贷款系统 {op} 正常", "lender {op} ok"], lender_bad: ["贷款系统 {op} 未成功", "lender {op} failed"],
    note: ["{who} 的备注", "note by {who}"], checking: ["草稿交静默坐席核对", "a silent seat checks the draft"], waiting: ["客户进入排队", "customer joined the queue"], joined: ["{name} 接入", "{name} joined"], left: ["回到智能助手", "back with the bot"], ticket: ["已开工单 {id}，承诺 {time} 前答复", "ticket {id}, promised by {time}"], closed: ["会话结束", "closed"],
  },
  silent: {
    queue: ["待审草稿", "Drafts"], empty: ["没有待审草稿", "No drafts are waiting"], empty_text: ["智能助手拿不准或风险较高的回答，会先停在这里等您过目。有您在岗，它们才会等人；无人在岗时按策略处理。", "Answers the bot is unsure of, or that are risky, stop here first. They wait only while a seat is on duty; otherwise the policy decides."], go_on_duty: ["您当前不在静默坐席岗，新草稿不会为您停留。", "You are not on duty as a silent seat; new drafts will not wait for you."], on_duty: ["上岗", "Go on duty"],
    question: ["客户问", "The customer asks"], draft: ["AI 草稿", "AI draft"], send: ["发送", "Send"], edit: ["修改", "Edit"], send_edited: ["发送修改", "Send edited"], veto: ["否决", "Veto"], take: ["接管", "Take over"], at_send: ["超时将自动发送", "sends itself at the deadline"], at_handoff: ["超时将转人工", "goes to a person at the deadline"], why_half_sure: ["把握不足：理解置信度 {n}%", "half sure: {n}% confident"], why_risky: ["风险较高：涉及钱、征信或承诺", "risky: money, credit record or promises"],
    need: ["理解为", "Understood as"], alternatives: ["也可能是", "Or perhaps"], context: ["最近对话", "Last turns"], held: ["{who} 正在处理", "{who} is on it"], gone: ["这条草稿已由他人或超时处理", "The draft was settled by somebody else, or by time"], conflict: ["未执行：{why}", "Not done: {why}"], veto_title: ["为什么否决？按 1–5 选择", "Why veto it? Press 1–5"], sent: ["已发送给 {name}", "Sent to {name}"], vetoed: ["已否决", "Vetoed"], taken: ["已接管，前往工作台", "Taken; see the desk"], buttons: ["附带按钮", "With buttons"], secs: ["秒", "s"],
    reasons: { wrong_need: ["理解错了问题", "misunderstood"], wrong_fact: ["事实或数字有误", "wrong fact"], tone: ["语气不合适", "wrong tone"], policy: ["不合规或不能承诺", "against policy"], needs_person: ["需要人来处理", "needs a person"] },
  },
  ticket: { title: ["工单", "Tickets"], open: ["未完成", "Open"], resolved: ["已完成", "Resolved"], promise: ["承诺时限", "Promised"], left: ["剩 {time}", "{time} left"], late: ["超时 {time}", "{time} late"], department: ["责任部门", "Department"], customer: ["客户", "Customer"], resolve: ["完成工单", "Resolve"], note: ["处理结果（会留档）", "What was done (kept on record)"], note_empty: ["请写明处理结果", "Say what was done"], empty: ["没有未完成的工单", "No open tickets"], empty_text: ["当事情活得比对话久，比如等银行退款、等人回电，会以工单记录并按承诺时限排序。", "Work that outlives the chat, such as a bank refund or a call back, is kept here in order of its promise."], done: ["工单 {id} 已完成", "Ticket {id} resolved"], conversation: ["查看会话", "Conversation"] },
  knowledge: {
    title: ["知识", "Knowledge"], search: ["搜索标题或编号", "Search title or id"], stage: ["阶段", "Stage"], risk: ["风险", "Risk"], state: ["状态", "State"], states: { published: ["已发布", "published"], changed: ["有修改", "changed"], new: ["新增", "new"], deleted: ["待删除", "to be deleted"] }, new: ["新建条目", "New entry"], new_id: ["编号：阶段.名称，如 repayment.early", "Id: stage.name, such as repayment.early"], new_bad: ["编号须为 阶段.名称，仅小写字母、数字、下划线", "Id must be stage.name in lower-case letters, digits, underscores"],
    pick: ["选择一个条目", "Pick an entry"], pick_text: ["条目 = 一种需求：客户怎么问、怎么答、风险多大、谁能从根上解决。", "An entry is one need: how customers ask, the answer, the risk, and who can remove the cause."], entry_title: ["标题", "Title"], asks: ["客户问法（每行一句）", "Ways of asking (one a line)"], answer: ["回答", "Answer"], buttons: ["按钮", "Buttons"], add_button: ["添加按钮", "Add button"], button_label: ["按钮文字", "Label"], open: ["打开页面", "Open page"], flow: ["流程", "Flow"], ask: ["另一需求", "Other need"], owner: ["责任部门", "Owner"], cause: ["归因", "Cause"], area: ["产品环节", "Product area"], signed_in: ["须登录", "Signed-in only"], add_lang: ["添加{lang}版本", "Add {lang}"],
    save: ["保存草稿", "Save draft"], saved: ["草稿已保存", "Draft saved"], saved_problems: ["已保存，发布前需解决 {n} 个问题", "Saved; {n} problems to mend before publishing"], publish: ["发布", "Publish"], publish_all: ["发布全部修改（{n}）", "Publish all ({n})"], published: ["已发布 {n} 条", "Published {n}"], publish_failed: ["未发布：{why}", "Not published: {why}"], problems: ["需要解决", "To mend"], discard: ["放弃草稿", "Discard draft"], discard_confirm: ["放弃对 {id} 的修改？", "Discard the changes to {id}?"], versions: ["版本", "Versions"], version: ["第 {n} 版 · {by} · {at}", "v{n} · {by} · {at}"], unsaved: ["有未保存的修改", "Unsaved changes"], empty: ["没有符合条件的条目", "No entry matches"], read_only: ["您没有知识编辑权限，仅可查看", "You may read but not edit"],
    try: ["试一试", "Try it"], try_placeholder: ["像客户那样问一句", "Ask like a customer"], try_run: ["试问", "Try"], entities: ["识别到", "Found"], nothing: ["没有理解出需求", "No need understood"],
    batch: ["批量测试", "Batch test"], batch_text: ["每行一句，Tab 后可写期望的条目编号。对比已发布与含草稿的结果。", "One sentence a line; after a tab, the expected entry id. Compares what is published with the drafts."], batch_run: ["运行", "Run"], batch_lines: ["{n} 行", "{n} lines"], before: ["已发布", "Published"], after: ["含草稿", "With drafts"], expect: ["期望", "Expected"], sentence: ["句子", "Sentence"], right: ["正确 {a} → {b}", "right {a} → {b}"], changed: ["变化 {n}", "{n} changed"], only_changed: ["只看变化", "Changed only"], csv: ["下载 CSV", "Download CSV"], batch_empty: ["粘贴一批真实问法开始", "Paste real questions to begin"],
  },
  flow: { title: ["自助流程", "Flows"], steps: ["{n} 步", "{n} steps"], needs: ["解决的需求", "Needs"], kinds: { say: ["说", "say"], ask: ["问", "ask"], choose: ["选", "choose"], confirm: ["确认", "confirm"], call: ["调用", "call"], when: ["判断", "when"], end: ["结束", "end"] }, empty: ["还没有流程", "No flows yet"], empty_text: ["流程写在 flows/<名称>/flow.yaml，启动时加载。", "Flows live in flows/<name>/flow.yaml and load at start."], back: ["回到", "back to"] },
  keys: { title: ["快捷键", "Keyboard shortcuts"], next: ["下一个 / 上一个", "next / previous"], take: ["接管", "take"], end: ["结束会话", "end"], note: ["写备注", "note"], reply: ["回复", "reply"], help: ["本帮助", "this help"], palette: ["命令面板", "command palette"], suggest: ["插入建议回复", "insert suggestion"], send: ["发送", "send"], edit: ["修改草稿", "edit draft"], send_edited: ["发送修改后的草稿", "send edited draft"], veto: ["否决", "veto"], go: ["切换页面", "go to page"] },
  palette: { placeholder: ["前往页面、会话或执行操作", "Go to a page or conversation, or do something"], page: ["页面", "Page"], conversation: ["会话", "Conversation"], action: ["操作", "Action"], empty: ["没有匹配项", "Nothing matches"], agent_on: ["人工上岗 / 下岗", "Toggle agent duty"], seat_on: ["静默坐席上岗 / 下岗", "Toggle silent seat duty"] },
} as const

type Pairs = { readonly [key: string]: readonly [string, string] | Pairs }
type Side<T> = { -readonly [K in keyof T]: T[K] extends readonly [string, string] ? string : Side<T[K]> }

function side<T extends Pairs>(from: T, index: 0 | 1): Side<T> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) =>
    [key, Array.isArray(value) ? (value as readonly [string, string])[index] : side(value as Pairs, index)])) as Side<T>
}

export const messages = { "zh-CN": side(pairs, 0), en: side(pairs, 1) }
