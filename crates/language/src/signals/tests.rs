//! Written lists, hard negatives among them. A line holds the text and every signal it must give, courtesies aside.

use super::{By, signals, signals_by};
use jieti_domain::understanding::Signal;
use jieti_domain::understanding::Signal::*;
use std::collections::BTreeSet;

fn check(lines: &[(&str, &[Signal])]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(text, want)| {
            let want: BTreeSet<Signal> = want.iter().copied().collect();
            let got = signals_by(By::Tables, text);
            (got != want).then(|| format!("{text}: {got:?}, not {want:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} lines:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

/// The signals that ask for a person; the model may find one of them beside another (who threatens complains as well).
const GRAVE: [Signal; 8] = [WantsHuman, Complaint, RegulatorThreat, FraudVictim, Hardship, SelfHarm, Minor, Abuse];

#[test]
fn the_model_adds_nothing_to_lines_that_ask_for_nobody() {
    let wrong: Vec<String> = CHINESE
        .iter()
        .chain(ENGLISH)
        .filter(|(_, want)| !want.iter().any(|signal| GRAVE.contains(signal)))
        .filter(|(text, want)| signals(text) != want.iter().copied().collect())
        .map(|(text, want)| format!("{text}: {:?}, not {want:?}", signals(text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn chinese_lines_give_exactly_their_signals() {
    check(CHINESE);
}

#[test]
fn english_lines_give_exactly_their_signals() {
    check(ENGLISH);
}

const CHINESE: &[(&str, &[Signal])] = &[
    ("转人工", &[WantsHuman]),
    ("转 人 工", &[WantsHuman]),
    ("轉人工", &[WantsHuman]),
    ("人工客服", &[WantsHuman]),
    ("人工", &[WantsHuman]),
    ("找个活人", &[WantsHuman]),
    ("我要跟人说话", &[WantsHuman]),
    ("我不想和机器人聊", &[WantsHuman]),
    ("叫你们经理来", &[WantsHuman]),
    ("能不能给我转一下客服", &[WantsHuman]),
    ("帮我接人工坐席", &[WantsHuman]),
    ("人工费多少，转人工", &[WantsHuman]),
    ("人工费多少", &[]),
    ("人工审核要多久", &[]),
    ("人工客服几点上班", &[]),
    ("客服电话是多少", &[]),
    ("不用转人工", &[]),
    ("有客服打电话让我转账是真的吗", &[]),
    ("怎么转账", &[]),
    ("我要投诉你们", &[Complaint]),
    ("我要投诉", &[Complaint]),
    ("服务态度太差了", &[Complaint]),
    ("给你们差评", &[Complaint]),
    ("投诉电话是多少", &[]),
    ("怎么投诉", &[]),
    ("投诉多久有结果", &[]),
    ("我要撤销投诉", &[]),
    ("我要去银保监举报你们", &[RegulatorThreat]),
    ("再不处理我就打12378", &[RegulatorThreat]),
    ("我要起诉你们", &[RegulatorThreat]),
    ("我要找媒体曝光", &[RegulatorThreat]),
    ("我已经找律师了", &[RegulatorThreat]),
    ("你们会起诉我吗", &[]),
    ("收到律师函怎么办", &[]),
    ("你们有银保监批准的牌照吗", &[]),
    ("我被骗了", &[FraudVictim]),
    ("这笔不是我借的", &[FraudVictim]),
    ("有人冒用我身份贷款", &[FraudVictim]),
    ("别人拿我身份证借了钱", &[FraudVictim]),
    ("我从来没借过钱", &[FraudVictim]),
    ("怎么防诈骗", &[]),
    ("怎么防止被骗", &[]),
    ("会不会被骗", &[]),
    ("失业还不上了", &[Hardship]),
    ("生病没钱还", &[Hardship]),
    ("实在还不起", &[Hardship]),
    ("家里经济困难，能缓缓吗", &[Hardship]),
    ("没有工作可以贷款吗", &[]),
    ("没有收入证明怎么办", &[]),
    ("我不想活了", &[SelfHarm]),
    ("活着没意思", &[SelfHarm]),
    ("真的想死", &[SelfHarm]),
    ("死了算了", &[SelfHarm]),
    ("逼死人了", &[SelfHarm]),
    ("累死了", &[]),
    ("烦死了", &[]),
    ("急死我了", &[]),
    ("系统慢死了", &[]),
    ("傻逼", &[Abuse]),
    ("你妈的", &[Abuse]),
    ("你们这群骗子公司", &[Abuse]),
    ("滚", &[Abuse]),
    ("对", &[Affirm]),
    ("是的", &[Affirm]),
    ("好的，可以", &[Affirm]),
    ("嗯嗯", &[Affirm]),
    ("OK", &[Affirm]),
    ("确认", &[Affirm]),
    ("可以提前还款吗", &[]),
    ("是的我要还款但是扣款失败了", &[]),
    ("不是", &[Deny]),
    ("不用了", &[Deny]),
    ("不行", &[Deny]),
    ("不能登录", &[]),
    ("算了", &[Cancel]),
    ("我不办了", &[Cancel]),
    ("取消吧", &[Cancel]),
    ("取消自动扣款怎么弄", &[]),
    ("继续", &[Resume]),
    ("接着办", &[Resume]),
    ("下个月继续扣款吗", &[]),
    ("不对，是下个月", &[Correction]),
    ("我说的是另一笔", &[Correction]),
    ("不是这个", &[Correction]),
    ("改成12期", &[Correction]),
    ("怎么把还款日改成20号", &[]),
    ("没解决", &[NotSolved]),
    ("答非所问", &[NotSolved]),
    ("听不懂你说什么", &[NotSolved]),
    ("还是不行", &[NotSolved]),
    ("没用", &[NotSolved]),
    ("谢谢", &[Thanks]),
    ("你好", &[Greeting]),
    ("再见", &[Goodbye]),
    ("亲属可以代还吗", &[]),
    ("今天天气怎么样", &[]),
    ("额度是多少", &[]),
    ("还款", &[]),
];

const ENGLISH: &[(&str, &[Signal])] = &[
    ("real person please", &[WantsHuman]),
    ("agent please", &[WantsHuman]),
    ("human", &[WantsHuman]),
    ("I want to talk to a human", &[WantsHuman]),
    ("can I speak to someone", &[WantsHuman]),
    ("connect me with an agent", &[WantsHuman]),
    ("transfer me to a representative", &[WantsHuman]),
    ("stop this bot", &[WantsHuman]),
    ("let me talk to your supervisor", &[WantsHuman]),
    ("is there a real person", &[WantsHuman]),
    ("how long does manual review take", &[]),
    ("an agent asked me for a fee", &[]),
    ("can I change my contact person", &[]),
    ("I don't need a human", &[]),
    ("I want to make a complaint", &[Complaint]),
    ("I want to complain about your staff", &[Complaint]),
    ("terrible service", &[Complaint]),
    ("this is unacceptable", &[Complaint]),
    ("how do I make a complaint", &[]),
    ("what is the complaint hotline number", &[]),
    ("how do I check the progress of my complaint", &[]),
    ("I will report you to the regulator", &[RegulatorThreat]),
    ("I'll sue you", &[RegulatorThreat]),
    ("see you in court", &[RegulatorThreat]),
    ("I am going to the media", &[RegulatorThreat]),
    ("my lawyer will contact you", &[RegulatorThreat]),
    ("will you sue me", &[]),
    ("are you regulated by the central bank", &[]),
    ("I was scammed", &[FraudVictim]),
    ("someone used my ID to borrow", &[FraudVictim]),
    ("I never took this loan", &[FraudVictim]),
    ("my account was hacked", &[FraudVictim]),
    ("how do I avoid scams", &[]),
    ("is this a scam", &[]),
    ("I lost my job and can't pay", &[Hardship]),
    ("I cannot afford the payment this month", &[Hardship]),
    ("I am in financial hardship", &[Hardship]),
    ("I was laid off", &[Hardship]),
    ("I can't pay with my card", &[]),
    ("can an unemployed person borrow", &[]),
    ("I want to die", &[SelfHarm]),
    ("I am going to kill myself", &[SelfHarm]),
    ("I don't want to live", &[SelfHarm]),
    ("my phone is dead", &[]),
    ("I'm dying to know my limit", &[]),
    ("the waiting is killing me", &[]),
    ("fuck off", &[Abuse]),
    ("you are useless", &[Abuse]),
    ("bullshit", &[Abuse]),
    ("yes", &[Affirm]),
    ("yes please", &[Affirm]),
    ("ok, go ahead", &[Affirm]),
    ("that's right", &[Affirm]),
    ("ok how do I repay", &[]),
    ("no", &[Deny]),
    ("nope", &[Deny]),
    ("no money was received", &[]),
    ("never mind", &[Cancel]),
    ("cancel", &[Cancel]),
    ("forget it", &[Cancel]),
    ("cancel my loan application", &[]),
    ("how do I stop automatic payment", &[]),
    ("continue", &[Resume]),
    ("let's carry on", &[Resume]),
    ("will you continue to deduct", &[]),
    ("no, I meant next month", &[Correction]),
    ("actually the 15th", &[Correction]),
    ("not that one", &[Correction]),
    ("the wrong amount was deducted", &[]),
    ("that didn't help", &[NotSolved]),
    ("still not working", &[NotSolved]),
    ("that's not what I asked", &[NotSolved]),
    ("you don't understand me", &[NotSolved]),
    ("thank you", &[Thanks]),
    ("hello", &[Greeting]),
    ("goodbye", &[Goodbye]),
    ("what is my limit", &[]),
    ("when is my payment due", &[]),
];
