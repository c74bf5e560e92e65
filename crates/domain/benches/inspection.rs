//! Inspection on one core: conversations a second, over a generated day of the service, by the pack's scorecard.
//!
//!     cargo bench -p jieti-domain --bench inspection
//!
//! The corpus is drawn from a fixed seed: one conversation in ten is with a person (8–20 turns), two with a silent seat,
//! the rest with the bot (3–8 turns); messages are 10–160 characters long, a third of the bot's carry a card, and one
//! conversation in twenty breaks a rule. Events that no check reads (flows, tiers, the lender) are there as well.

use jieti_domain::conversation::{Channel, CloseReason, Customer, Event, NeedSeen, Speaker, StoredEvent};
use jieti_domain::id::ClientMessageId;
use jieti_domain::inspection::{Inspector, Scorecard};
use jieti_domain::message::{Card, CardRow, Message, Tone};
use jieti_domain::tier::{Tier, TierReason};
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::{Lang, Mood, Signal};
use std::time::Instant;

const CONVERSATIONS: usize = 20_000;
/// 2026-11-23 00:00 in China.
const MIDNIGHT_SECS: i64 = 1_795_363_200;

/// xorshift64*. Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (2016).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const ASKED: &[&str] = &[
    "我这个月要还多少",
    "提前还款有手续费吗，上次客服说没有，这次怎么又要收",
    "为什么还没到账！！都三天了",
    "how much do I owe this month",
    "转人工",
    "好的谢谢",
    "我昨天已经还了 1,079.71 元，App 里还是显示逾期，会不会影响我的征信？麻烦尽快帮我查一下",
    "额度为什么降了",
    "銀行卡換了怎麼辦",
];
const ANSWERED: &[&str] = &[
    "您好，您本期账单已经出来了，明细如下，可以在 App 的「我的账单」里查看每一期的本金和利息。",
    "提前还款不收手续费，利息只算到还清当天。办理入口在「我的借款」里，选择要结清的那一笔，确认金额和扣款卡后提交即可。",
    "请稍等，我马上为您查询，查到后第一时间告诉您。",
    "这件事需要相关部门审核，我现在不能替他们承诺结果，会把您的情况完整地转过去，并跟进到有答复为止。",
    "您的心情我完全理解，给您带来不便非常抱歉。我们不会联系您的家人，也不会派人上门。",
    "You can repay early in the app under My loans; interest is only charged up to the day you settle.",
    "请问还有其他可以帮您的吗？",
    "资金一般 1 个工作日内到账，节假日顺延；如果超过时间还没有到，请告诉我，我帮您登记核实。",
];
const BROKEN: &[&str] = &["您放心，保 证 下 款", "再不还就通知你家人", "明天给您回复", "您本期应还 1,097.17 元"];

fn conversation(draw: &mut Draw) -> Vec<StoredEvent> {
    let kind = draw.below(10);
    let by = match kind {
        0 => Speaker::Agent { staff: "lin".into(), name: "林".to_owned() },
        1 | 2 => Speaker::ReviewedBot { staff: "zhou".into() },
        _ => Speaker::Bot,
    };
    let turns = if kind == 0 { 8 + draw.below(13) } else { 3 + draw.below(6) };
    let breaks = draw.below(20) == 0;
    let mut at = MIDNIGHT_SECS + draw.below(86_400) as i64;
    let mut events: Vec<StoredEvent> = Vec::with_capacity(turns * 4 + 3);
    let mut push = |at: i64, event| {
        let seq = events.len() as u64 + 1;
        events.push(StoredEvent { seq, at: Timestamp(at * 1000), event });
        seq
    };
    let customer = Customer { id: "c1".into(), name: Some("张伟".to_owned()), signed_in: draw.below(5) > 0 };
    push(at, Event::Opened { customer, channel: Channel::App, lang: Lang::ZhCn });
    if let Speaker::Agent { staff, name } = &by {
        push(at, Event::Assigned { staff: staff.clone(), name: name.clone() });
    }
    for turn in 0..turns {
        at += 2 + draw.below(60) as i64;
        let of = push(at, Event::CustomerSaid { client_id: ClientMessageId::new("m"), text: draw.of(ASKED).to_owned() });
        let mood = Mood { anger: draw.below(60) as u8, ..Mood::default() };
        let needs = vec![NeedSeen { need: "repayment.due_amount".into(), confidence: 0.8 }];
        let signals = if draw.below(30) == 0 { vec![Signal::Thanks] } else { Vec::new() };
        push(at, Event::Understood { of, lang: Lang::ZhCn, needs, signals, mood });
        at += 1 + draw.below(25) as i64;
        let text = if breaks && turn == turns / 2 { draw.of(BROKEN) } else { draw.of(ANSWERED) };
        let row = |label: &str, value: &str| CardRow { label: label.to_owned(), value: value.to_owned() };
        let rows = vec![row("本期应还", "1,079.71"), row("还款日", "2026年12月5日"), row("剩余本金", "11,520.00")];
        let card = (draw.below(3) == 0).then(|| Card { title: "账单".to_owned(), tone: Tone::Plain, rows, total: None });
        push(at, Event::Said { by: by.clone(), message: Message { card, ..Message::text(text) } });
        push(at, Event::TierReached { tier: Tier::Bot, reason: TierReason::Greeted });
    }
    push(at + 30, Event::Closed { reason: CloseReason::Agent });
    events
}

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/consumer-loan/service/inspection/scorecard.yaml");
    let text = std::fs::read_to_string(path).expect("the pack has a scorecard");
    let card: Scorecard = serde_saphyr::from_str(&text).expect("the scorecard reads");
    let phrases = text.matches(", ").count();
    let compiling = Instant::now();
    let inspector = Inspector::new(card).expect("the scorecard is sound");
    let compiled_ms = compiling.elapsed().as_secs_f64() * 1000.0;
    let mut draw = Draw(0x5eed);
    let corpus: Vec<Vec<StoredEvent>> = (0..CONVERSATIONS).map(|_| conversation(&mut draw)).collect();
    let events: usize = corpus.iter().map(Vec::len).sum();
    let mut rates: Vec<f64> = Vec::new();
    let mut findings = 0;
    for _ in 0..5 {
        let began = Instant::now();
        findings = corpus.iter().map(|events| inspector.inspect(events).findings.len()).sum();
        rates.push(CONVERSATIONS as f64 / began.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!(
        "{CONVERSATIONS} conversations, {events} events, {} criteria (some {phrases} phrases, compiled in {compiled_ms:.1} ms): \
         {findings} findings; {:.0} conversations/s on one core (median of 5; {:.0}–{:.0})",
        inspector.card().criteria.len(),
        rates[2],
        rates[0],
        rates[4]
    );
}
