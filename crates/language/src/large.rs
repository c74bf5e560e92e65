//! A knowledge base of any size, composed of a lender's words, to measure the reader on. Owns the composing; the same
//! number gives the same entry, and texts to read that no entry lists word for word.

use crate::encoder::random::Random;
use crate::text::variant::vary;
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Audience, Cause, CauseKind, Entry, EntryText, Knowledge, Validity};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::Lang;
use std::collections::BTreeMap;

const FIRST: &str = "金银安惠优乐便捷诚信鑫盛悦享易融通达瑞丰";
const SECOND: &str = "贷借花付租分宝通卡享购车家学游装保医农商";
const THIRD: &str = "一二三四五六七八九十甲乙丙丁";
const TOPICS: &[&str] = &[
    "还款",
    "额度",
    "利率",
    "合同",
    "审核",
    "放款",
    "账单",
    "征信",
    "逾期",
    "手机号",
    "银行卡",
    "优惠券",
    "发票",
    "担保人",
    "结清证明",
    "罚息",
    "密码",
    "实名认证",
    "收款账户",
    "期数",
];
/// Each entry has the first one to five of a row.
const ASPECTS: &[[&str; 5]] = &[
    ["{}怎么查询", "在哪里看{}", "查一下{}", "{}查询入口", "想查{}"],
    ["{}怎么修改", "更改{}", "{}能改吗", "想换{}", "如何变更{}"],
    ["{}失败了怎么办", "{}出错", "{}一直不成功", "为什么{}失败", "{}提示异常"],
    ["{}要多久", "{}什么时候好", "{}需要几天", "多长时间能{}", "{}时效"],
    ["{}收费吗", "{}费用是多少", "{}要不要钱", "{}手续费", "办{}多少钱"],
    ["{}需要什么材料", "{}要准备什么", "办理{}的资料", "{}要带证件吗", "{}的条件"],
    ["怎么取消{}", "{}撤销", "不想要{}了", "{}能不能取消", "关闭{}"],
    ["{}规则是什么", "{}怎么算", "{}说明", "介绍一下{}", "{}是怎么回事"],
];

/// What entry `number` is about: a product, a topic and an aspect that no other number has together.
fn parts(number: usize) -> (String, &'static str, &'static [&'static str; 5]) {
    let pick = |list: &str, at: usize| list.chars().nth(at % list.chars().count()).unwrap_or_default();
    let (aspect, rest) = (number % ASPECTS.len(), number / ASPECTS.len());
    let (topic, rest) = (rest % TOPICS.len(), rest / TOPICS.len());
    let (first, rest) = (rest % 20, rest / 20);
    let (second, third) = (rest % 20, rest / 20);
    let mut product = String::from_iter([pick(FIRST, first), pick(SECOND, second)]);
    if third > 0 {
        product.push(pick(THIRD, third - 1));
    }
    (product, TOPICS[topic], &ASPECTS[aspect])
}

fn id(number: usize) -> NeedId {
    NeedId::new(format!("large.n{number}"))
}

fn entry(number: usize, title: String, ask: Vec<String>) -> Entry {
    let text = Box::new(EntryText { title, ask, answer: String::new(), buttons: Vec::new() });
    Entry {
        id: id(number),
        stage: "large".to_owned(),
        risk: Risk::Low,
        cause: Cause { kind: CauseKind::Business, area: "large".to_owned() },
        owner: "large".to_owned(),
        flow: None,
        signed_in: false,
        texts: BTreeMap::from([(Lang::ZhCn, text)]),
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
    }
}

/// A knowledge base of so many entries with one to five questions each.
pub fn knowledge(entries: usize) -> Knowledge {
    Knowledge::new((0..entries).map(|number| {
        let (product, topic, aspect) = parts(number);
        let asked = 1 + Random::new(1, number as u64).below(5);
        let mut questions: Vec<String> =
            aspect[..asked].iter().map(|frame| frame.replace("{}", &format!("{product}{topic}"))).collect();
        let title = questions.remove(0);
        entry(number, title, questions)
    }))
}

/// The first question of entry `number` in other small words, and its need.
pub fn asked(number: usize) -> (NeedId, String) {
    let (product, topic, aspect) = parts(number);
    (id(number), vary(Lang::ZhCn, &aspect[0].replace("{}", &format!("{product}{topic}")), number + 2))
}

/// The knowledge base with one entry more, its need and a question of its own.
pub fn edited(knowledge: &Knowledge) -> (Knowledge, NeedId, String) {
    let number = knowledge.iter().count();
    let question = "夜间模式怎么打开".to_owned();
    let more = entry(number, question.clone(), vec!["屏幕太亮能不能变黑".to_owned()]);
    (Knowledge::new(knowledge.iter().cloned().chain([more])), id(number), question)
}
