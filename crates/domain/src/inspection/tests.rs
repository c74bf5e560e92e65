//! Every check on both sides of its threshold, a card that is broken in every way, and any sequence of events.

use super::*;
use crate::conversation::{
    Channel, CloseReason, Conversation, Customer, Duty, Effect, Event, Input, NeedSeen, Release, Rules, Speaker, StaffAct,
    StaffRef, StoredEvent, decide,
};
use crate::flow::{FlowRun, Waiting};
use crate::id::TicketId;
use crate::lender::{Fact, Facts};
use crate::message::{Action, Card, CardRow, Message};
use crate::money::Fen;
use crate::service::ServiceRules;
use crate::time::Timestamp;
use crate::understanding::{Lang, Localized, Mood, Signal};
use proptest::prelude::*;
use std::sync::Arc;

/// 2026-11-23 10:00 in China, in seconds since 1970.
const MORNING: i64 = 1_795_399_200;

fn at(secs: i64, event: Event) -> (i64, Event) {
    (secs, event)
}

fn number(events: Vec<(i64, Event)>) -> Vec<StoredEvent> {
    let stored = |(place, (secs, event)): (usize, (i64, Event))| StoredEvent {
        seq: place as u64 + 1,
        at: Timestamp((MORNING + secs) * 1000),
        event,
    };
    events.into_iter().enumerate().map(stored).collect()
}

fn opened(signed_in: bool) -> (i64, Event) {
    let customer = Customer { id: "c1".into(), name: None, signed_in };
    at(0, Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn })
}

fn says(text: &str) -> Event {
    Event::CustomerSaid { client_id: "m".into(), text: text.to_owned() }
}

fn agent(text: &str) -> Event {
    Event::Said { by: Speaker::Agent { staff: "lin".into(), name: "林".to_owned() }, message: Message::text(text) }
}

fn bot(text: &str) -> Event {
    Event::Said { by: Speaker::Bot, message: Message::text(text) }
}

fn joined() -> Event {
    Event::Assigned { staff: "lin".into(), name: "林".to_owned() }
}

fn felt(of: u64, signals: Vec<Signal>, anger: u8) -> Event {
    Event::Understood { of, lang: Lang::ZhCn, needs: Vec::new(), signals, mood: Mood { anger, ..Mood::default() } }
}

fn closed() -> Event {
    Event::Closed { reason: CloseReason::Agent }
}

fn ticket() -> Event {
    Event::TicketOpened { ticket: TicketId::from("T1"), promised_by: Timestamp(0) }
}

fn words(phrases: &[&str]) -> Vec<String> {
    phrases.iter().map(|p| (*p).to_owned()).collect()
}

fn card(check: Check) -> Scorecard {
    let text = || Localized::new("中", "en");
    let criterion = Criterion {
        id: "rule".into(),
        title: text(),
        why: text(),
        severity: Severity::Major,
        weight: 20,
        applies_to: [Party::Bot, Party::SilentSeat, Party::Person].into(),
        watch: Watch::AtOnce,
        check,
    };
    let sample = Sample { self_service: 0, bot: 0, silent_seat: 0, human: 0 };
    let review = ReviewPolicy { score_below: 80, sample, random_percent: 0, appeal_days: 5 };
    Scorecard { title: text(), review, criteria: vec![criterion] }
}

/// Places of the findings of one check.
fn places(check: Check, events: Vec<(i64, Event)>) -> Vec<u64> {
    let inspector = Inspector::new(card(check)).expect("the card is sound");
    inspector.inspect(&number(events)).findings.iter().map(|f| f.at).collect()
}

struct Case {
    name: &'static str,
    events: Vec<(i64, Event)>,
    want: &'static [u64],
}

fn hold(check: &Check, cases: Vec<Case>) {
    for Case { name, events, want } in cases {
        assert_eq!(places(check.clone(), events), want, "{name}");
    }
}

#[test]
fn forbidden_words_are_found_unless_an_exception_covers_them() {
    let check = Check::Forbidden(Forbidden {
        phrases: words(&["保证下款", "guarantee approval"]),
        unless: words(&["不能", "cannot"]),
        unless_in_sentence: words(&["骗子"]),
    });
    let one = |text: &str| vec![opened(true), at(5, agent(text))];
    hold(
        &check,
        vec![
            Case { name: "said", events: one("放心，保证下款"), want: &[2] },
            Case { name: "spaced and traditional", events: one("保 證．下 款!"), want: &[2] },
            Case { name: "full width English", events: one("We ＧＵＡＲＡＮＴＥＥ approval"), want: &[2] },
            Case { name: "denied in the clause", events: one("我们不能保证下款"), want: &[] },
            Case { name: "denied in another clause", events: one("不能着急，保证下款"), want: &[2] },
            Case { name: "warned of in the sentence", events: one("说保证下款的，都是骗子"), want: &[] },
            Case { name: "warned of in another sentence", events: one("保证下款。不是骗子"), want: &[2] },
            Case { name: "the exception is part of another phrase", events: one("绝不能，保证下款"), want: &[2] },
            Case { name: "denied in English", events: one("We cannot guarantee approval"), want: &[] },
            Case { name: "the customer says it", events: vec![opened(true), at(5, says("保证下款吗"))], want: &[] },
            Case { name: "the bot says it", events: vec![opened(true), at(5, bot("保证下款"))], want: &[2] },
        ],
    );
}

#[test]
fn required_words_at_the_opening_the_closing_and_after_a_trigger() {
    let required = |when| Check::Required(Required { phrases: words(&["您好", "抱歉"]), when });
    let two = |first: &str, second: &str| vec![opened(true), at(1, agent(first)), at(2, says("嗯嗯")), at(3, agent(second))];
    hold(
        &required(Moment::Opening { turns: 2 }),
        vec![
            Case { name: "first message", events: two("您好", "查到了"), want: &[] },
            Case { name: "second message", events: two("查到了", "您好"), want: &[] },
            Case { name: "neither", events: two("查到了", "就这样"), want: &[2] },
            Case { name: "nobody spoke", events: vec![opened(true), at(1, says("在吗"))], want: &[] },
        ],
    );
    let ended = |by| [two("您好", "查到了"), vec![at(9, Event::Closed { reason: by })]].concat();
    let closing = required(Moment::Closing { turns: 1 });
    assert_eq!(places(closing.clone(), ended(CloseReason::Agent)), [4], "the last message lacks it");
    assert_eq!(places(closing, ended(CloseReason::Idle)), [0; 0], "the customer went away");
    assert_eq!(places(required(Moment::Closing { turns: 2 }), ended(CloseReason::Agent)), [0; 0], "one of the last two has it");
    let after = required(Moment::After { phrases: words(&["我要投诉"]), turns: 2 });
    let answered = |texts: &[&str]| {
        let answers = texts.iter().map(|t| at(9, agent(t)));
        [opened(true), at(1, says("我要投诉你们"))].into_iter().chain(answers).collect::<Vec<_>>()
    };
    hold(
        &after,
        vec![
            Case { name: "within two", events: answered(&["看到了", "非常抱歉"]), want: &[] },
            Case { name: "the third is late", events: answered(&["看到了", "我看看", "非常抱歉"]), want: &[2] },
            Case { name: "no trigger", events: two("查到了", "就这样"), want: &[] },
        ],
    );
}

#[test]
fn a_promise_needs_a_ticket_and_a_refusal_is_no_promise() {
    let check = Check::Promise(Promise {
        phrases: words(&["我保证", "明天给您回复", "i promise"]),
        unless: words(&["不能", "cannot"]),
        unless_in_sentence: Vec::new(),
    });
    let one = |text: &str| vec![opened(true), at(1, agent(text))];
    hold(
        &check,
        vec![
            Case { name: "promised", events: one("明天给您回复"), want: &[2] },
            Case { name: "kept", events: [one("明天给您回复"), vec![at(2, ticket())]].concat(), want: &[] },
            Case { name: "refused", events: one("我不能承诺，我保证不能这么做"), want: &[] },
            Case { name: "in English", events: one("I promise"), want: &[2] },
        ],
    );
}

fn with_fact(sum_fen: i64) -> Event {
    let facts = Facts::from([("total".to_owned(), Fact::Money(Fen(sum_fen)))]);
    let run = FlowRun { flow: "due".into(), step: "s".into(), facts, waiting: Waiting::Customer, misses: 0 };
    Event::FlowMoved { phase: crate::conversation::FlowPhase::Started, run }
}

fn with_card(value: &str) -> Event {
    let row = |label: &str, value: &str| CardRow { label: label.to_owned(), value: value.to_owned() };
    let card = Card { title: "账单".to_owned(), tone: Default::default(), rows: vec![row("本期应还", value)], total: None };
    Event::Said { by: Speaker::Bot, message: Message { card: Some(card), ..Message::text("如下") } }
}

#[test]
fn a_sum_is_held_against_what_the_lender_gave() {
    let check = |unknown| {
        Check::WrongSums(WrongSums { kinds: [FigureKind::Sum, FigureKind::Rate].into(), when_nothing_is_known: unknown })
    };
    let told = |given: Vec<Event>, text: &str| {
        let given = given.into_iter().map(|event| at(1, event));
        std::iter::once(opened(true)).chain(given).chain([at(2, agent(text))]).collect::<Vec<_>>()
    };
    hold(
        &check(Unknown::Pass),
        vec![
            Case { name: "as on the card", events: told(vec![with_card("1,234.56")], "您本期 1234.56 元"), want: &[] },
            Case { name: "two digits changed", events: told(vec![with_card("1,234.56")], "您本期 1243.56 元"), want: &[3] },
            Case { name: "as in the flow", events: told(vec![with_fact(50_000)], "一共 500 元"), want: &[] },
            Case { name: "not as in the flow", events: told(vec![with_fact(50_000)], "一共 600 元"), want: &[3] },
            Case {
                name: "both together",
                events: told(vec![with_fact(50_000), with_card("120.00")], "两笔一共 620 元"),
                want: &[],
            },
            Case {
                name: "as the customer said",
                events: told(vec![with_fact(1), says("扣了我 88 元")], "这 88 元我查一下"),
                want: &[],
            },
            Case { name: "nothing known of sums", events: told(vec![], "一共 600 元"), want: &[] },
            Case { name: "nothing known of rates", events: told(vec![with_fact(50_000)], "年化 7.2%"), want: &[] },
            Case { name: "a count is no sum", events: told(vec![with_fact(50_000)], "还有 3 期"), want: &[] },
        ],
    );
    assert_eq!(places(check(Unknown::Flag), told(vec![], "一共 600 元")), [2], "nothing known is enough to doubt");
}

#[test]
fn account_facts_are_for_signed_in_customers() {
    let check = Check::Disclosure(Disclosure { phrases: words(&["您本期", "your balance"]), unless: words(&["例如"]) });
    let told = |signed_in, text: &str| vec![opened(signed_in), at(1, agent(text))];
    hold(
        &check,
        vec![
            Case { name: "a stranger hears a sum", events: told(false, "您本期要还 500 元"), want: &[2] },
            Case { name: "the customer hears it", events: told(true, "您本期要还 500 元"), want: &[] },
            Case { name: "no figure", events: told(false, "您本期的账单登录后可以看"), want: &[] },
            Case { name: "an example", events: told(false, "例如您本期要还 500 元"), want: &[] },
            Case { name: "in English", events: told(false, "your balance is ¥500"), want: &[2] },
            Case { name: "no opening: nothing is concluded", events: vec![at(1, agent("您本期要还 500 元"))], want: &[] },
        ],
    );
}

#[test]
fn answers_are_timed_from_the_join_and_from_the_question() {
    let check = Check::ResponseTime(ResponseTime { first_secs: 30, next_secs: 60 });
    let first = |secs: i64| vec![opened(true), at(0, says("在吗")), at(100, joined()), at(100 + secs, agent("您好"))];
    let next = |secs: i64| [first(1), vec![at(200, says("多少钱")), at(200 + secs, agent("查到了"))]].concat();
    let unanswered = |signals| [first(1), vec![at(200, says("谢谢")), at(200, felt(5, signals, 0)), at(300, closed())]].concat();
    hold(
        &check,
        vec![
            Case { name: "first in time", events: first(30), want: &[] },
            Case { name: "first late; the queue does not count", events: first(31), want: &[4] },
            Case { name: "next in time", events: next(60), want: &[] },
            Case { name: "next late", events: next(61), want: &[6] },
            Case { name: "closed without an answer", events: unanswered(vec![]), want: &[5] },
            Case { name: "thanks need no answer", events: unanswered(vec![Signal::Thanks]), want: &[] },
            Case {
                name: "in the queue nobody is late",
                events: vec![
                    opened(true),
                    at(0, says("转人工")),
                    at(1, Event::Queued { since: Timestamp(0), deadline: Timestamp(0), to: None }),
                    at(900, bot("还在排队")),
                ],
                want: &[],
            },
        ],
    );
}

#[test]
fn who_asks_for_patience_comes_back() {
    let check = Check::Silence(Silence { phrases: words(&["请稍等"]), secs: 180 });
    let back = |secs: i64| vec![opened(true), at(0, agent("请稍等")), at(secs, agent("查到了"))];
    hold(
        &check,
        vec![
            Case { name: "in time", events: back(180), want: &[] },
            Case { name: "late", events: back(181), want: &[2] },
            Case { name: "never", events: vec![opened(true), at(0, agent("请稍等")), at(400, closed())], want: &[2] },
            Case {
                name: "did not ask for patience",
                events: vec![opened(true), at(0, agent("好的")), at(400, closed())],
                want: &[],
            },
        ],
    );
}

#[test]
fn answers_into_a_burst_are_interruptions() {
    let check = Check::Interruption(Interruption { within_secs: 2, times: 2 });
    let burst = |answer: i64, next: i64| {
        (0..3)
            .flat_map(|n| {
                [at(n * 100, says("我想问")), at(n * 100 + answer, agent("您说")), at(n * 100 + answer + next, says("就是"))]
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(places(check.clone(), burst(2, 2)), [8]);
    assert_eq!(places(check.clone(), burst(3, 2)), [0; 0], "the answer did not come at once");
    assert_eq!(places(check.clone(), burst(2, 3)), [0; 0], "the customer had finished");
    assert_eq!(places(check, burst(2, 2)[..3].to_vec()), [0; 0], "once is no habit");
}

#[test]
fn a_mood_that_turns_is_found_at_its_end() {
    let check = Check::Mood(MoodTurn { part: MoodPart::Anger, rises: 30, to: 60 });
    let turned = |from, to| {
        vec![
            opened(true),
            at(1, says("你好")),
            at(1, felt(2, vec![], from)),
            at(2, agent("嗯")),
            at(3, says("气死了")),
            at(3, felt(5, vec![], to)),
        ]
    };
    hold(
        &check,
        vec![
            Case { name: "rose by 30 to 60", events: turned(30, 60), want: &[5] },
            Case { name: "rose by 29", events: turned(31, 60), want: &[] },
            Case { name: "ended at 59", events: turned(20, 59), want: &[] },
            Case { name: "was angry from the start", events: turned(90, 95), want: &[] },
            Case { name: "felt once", events: turned(0, 90)[..3].to_vec(), want: &[] },
        ],
    );
}

#[test]
fn who_asks_for_a_person_gets_queue_person_or_ticket() {
    let check = Check::MissedHandoff(MissedHandoff { signals: [Signal::WantsHuman].into(), within_secs: 60 });
    let queued = || Event::Queued { since: Timestamp(0), deadline: Timestamp(0), to: None };
    let asked = |then: Vec<(i64, Event)>| {
        [vec![opened(true), at(0, says("转人工")), at(0, felt(2, vec![Signal::WantsHuman], 0)), at(1, bot("请再说一遍"))], then]
            .concat()
    };
    let pressed = Event::CustomerPressed { client_id: "m".into(), action: Action::Human, label: "转人工".to_owned() };
    hold(
        &check,
        vec![
            Case { name: "queued in time", events: asked(vec![at(60, queued())]), want: &[] },
            Case { name: "queued late", events: asked(vec![at(61, queued())]), want: &[2] },
            Case { name: "a ticket will do", events: asked(vec![at(2, ticket())]), want: &[] },
            Case { name: "nothing came", events: asked(vec![at(2, closed())]), want: &[2] },
            Case { name: "by button", events: vec![opened(true), at(0, pressed), at(1, bot("您好"))], want: &[2] },
            Case {
                name: "a person is there already",
                events: vec![opened(true), at(0, joined()), at(1, says("人工")), at(1, felt(3, vec![Signal::WantsHuman], 0))],
                want: &[],
            },
        ],
    );
}

#[test]
fn the_same_words_over_and_over_are_a_loop() {
    let check = Check::Loops(Loops { times: 3 });
    let round = |times: i64, text: &str| (0..times).flat_map(|n| [at(n, says("不对")), at(n, bot(text))]).collect::<Vec<_>>();
    assert_eq!(places(check.clone(), round(3, "这个问题我没有把握，请换个说法。")), [6]);
    assert_eq!(places(check.clone(), round(2, "这个问题我没有把握，请换个说法。")), [0; 0]);
    assert_eq!(places(check.clone(), round(5, "好的")), [0; 0], "too short to be a loop");
    let in_one_breath =
        vec![at(0, bot("这个问题我没有把握")), at(0, bot("这个问题我没有把握")), at(0, bot("这个问题我没有把握"))];
    assert_eq!(places(check, in_one_breath), [0; 0], "the customer said nothing in between");
}

#[test]
fn dunning_at_night_is_found_and_answering_is_not() {
    let check = Check::ContactHours(ContactHours {
        phrases: words(&["尽快还款"]),
        from_hour: 22,
        until_hour: 8,
        unless_customer_within_secs: 900,
    });
    // MORNING is 10:00.
    for (name, hour, minute, want) in [
        ("21:59", 21, 59, false),
        ("22:00", 22, 0, true),
        ("07:59", 31, 59, true),
        ("08:00", 32, 0, false),
        ("noon", 12, 0, false),
    ] {
        let secs = (hour - 10) * 3600 + minute * 60;
        let found = places(check.clone(), vec![opened(true), at(secs, agent("请尽快还款"))]);
        assert_eq!(!found.is_empty(), want, "{name}");
        let answered = places(check.clone(), vec![opened(true), at(secs - 900, says("怎么办")), at(secs, agent("请尽快还款"))]);
        assert_eq!(answered, [0; 0], "{name}: an answer within a quarter of an hour");
        let late = places(check.clone(), vec![opened(true), at(secs - 901, says("怎么办")), at(secs, agent("请尽快还款"))]);
        assert_eq!(!late.is_empty(), want, "{name}: a second later");
    }
}

#[test]
fn the_same_card_blames_whoever_said_it_and_counts_each_rule_once() {
    let phrases = words(&["保证下款"]);
    let mut card = card(Check::Forbidden(Forbidden { phrases, unless: Vec::new(), unless_in_sentence: Vec::new() }));
    let seat = Event::Said { by: Speaker::ReviewedBot { staff: "zhou".into() }, message: Message::text("保证下款") };
    let events =
        number(vec![opened(true), at(1, bot("保证下款")), at(2, seat), at(3, agent("保证下款")), at(4, agent("保证下款"))]);
    let inspection = Inspector::new(card.clone()).expect("sound").inspect(&events);
    let who: Vec<_> =
        inspection.shares.iter().map(|s| (s.who.party, s.who.staff.as_ref().map(|s| s.as_str()), s.score)).collect();
    assert_eq!(who, [(Party::Bot, None, 80), (Party::SilentSeat, Some("zhou"), 80), (Party::Person, Some("lin"), 80)]);
    assert_eq!((inspection.findings.len(), inspection.score), (4, 40));
    assert_eq!(inspection.findings[0].quote, "保证下款");
    assert_eq!(inspection.findings[0].why, Localized::new("中（「保证下款」）", "en (\"保证下款\")"));
    card.criteria[0].applies_to = [Party::Person].into();
    assert_eq!(Inspector::new(card.clone()).expect("sound").inspect(&events).score, 80);
    card.criteria[0].severity = Severity::Critical;
    let critical = Inspector::new(card).expect("sound");
    assert_eq!(critical.inspect(&events).score, 40, "a critical finding fails the conversation");
    assert_eq!(critical.alarms(&events, 4).len(), 1);
    assert!(critical.alarms(&events, 2).is_empty(), "the rule is not for the bot");
    assert!(critical.is_suspicious(&Message::text("保證 下款")) && !critical.is_suspicious(&Message::text("不用还款")));
}

#[test]
fn a_broken_card_names_the_criterion_and_the_mend() {
    let forbidden = |phrases: &[&str], unless: &[&str]| {
        Check::Forbidden(Forbidden { phrases: words(phrases), unless: words(unless), unless_in_sentence: Vec::new() })
    };
    let hours = |from_hour, until_hour| {
        Check::ContactHours(ContactHours { phrases: words(&["还款"]), from_hour, until_hour, unless_customer_within_secs: 0 })
    };
    let broken = |check: Check, problem: &str| {
        let problems = Inspector::new(card(check)).map(drop).expect_err(problem);
        assert!(problems.iter().any(|p| p.contains("rule") && p.contains(problem)), "{problem}: {problems:?}");
    };
    broken(forbidden(&[], &[]), "phrases is empty");
    broken(forbidden(&["是"], &[]), "too short");
    broken(forbidden(&["。。。"], &[]), "too short");
    broken(forbidden(&["保证"], &["保 證"]), "both forbidden and excepted");
    broken(hours(8, 8), "two hours");
    broken(hours(22, 24), "two hours");
    broken(Check::Loops(Loops { times: 1 }), "at least 2");
    broken(Check::ResponseTime(ResponseTime { first_secs: 0, next_secs: 1 }), "at least 1");
    broken(Check::Mood(MoodTurn { part: MoodPart::Anger, rises: 0, to: 50 }), "between 1 and 100");
    broken(Check::MissedHandoff(MissedHandoff { signals: [].into(), within_secs: 1 }), "signals is empty");
    broken(Check::Required(Required { phrases: words(&["您好"]), when: Moment::Opening { turns: 0 } }), "turns");
    let sound = || card(Check::Loops(Loops { times: 2 }));
    let twice = Scorecard { criteria: [sound().criteria, sound().criteria].concat(), ..sound() };
    let nothing = Scorecard { criteria: Vec::new(), ..sound() };
    let mut weightless = sound();
    weightless.criteria[0].weight = 0;
    let mut for_nobody = sound();
    for_nobody.criteria[0].applies_to.clear();
    let mut percent = sound();
    percent.review.random_percent = 101;
    for (broken, problem) in [
        (twice, "written twice"),
        (nothing, "no criteria"),
        (weightless, "weight"),
        (for_nobody, "applies_to"),
        (percent, "random_percent is 101"),
    ] {
        let problems = broken.problems();
        assert!(problems.len() == 1 && problems[0].contains(problem), "{problem}: {problems:?}");
    }
}

#[test]
fn closing_is_inspected_and_forbidden_words_are_looked_at_as_soon_as_they_are_said() {
    let phrases = words(&["保证下款"]);
    let card = card(Check::Forbidden(Forbidden { phrases, unless: Vec::new(), unless_in_sentence: Vec::new() }));
    let scorecard = PublishedCard { version: 0, source: String::new(), inspector: Inspector::new(card).expect("sound") };
    let service = ServiceRules { scorecard: Some(Arc::new(scorecard)), ..ServiceRules::default() };
    let rules = Rules { service: Arc::new(service), ..Rules::default() };
    let events = number(vec![opened(true), at(1, joined())]);
    let conversation = Conversation::fold("cv".into(), events).expect("opened");
    let staff = StaffRef { id: "lin".into(), name: "林".to_owned() };
    let effects = |act: StaffAct| {
        let input = Input::Staff { staff: &staff, act: &act };
        decide(&conversation, input, &rules, Duty::default(), Timestamp(MORNING * 1000)).expect("it is theirs").effects
    };
    let say = |text: &str| StaffAct::Say { text: text.to_owned() };
    assert_eq!(effects(say("您好")), []);
    assert_eq!(effects(say("放心，保 证 下 款")), [Effect::Alarm { seq: 3 }]);
    assert_eq!(effects(StaffAct::Close { wrap_up: None }), [Effect::Inspect, Effect::Attribute]);
}

/// Any event, in any order: what a damaged log or a newer server could leave.
fn events() -> impl Strategy<Value = Vec<StoredEvent>> {
    let text = prop_oneof![
        "[\\PC]{0,24}",
        Just("保证下款，请稍等，您本期 500 元".to_owned()),
        Just("I promise ¥1,234.56 。。 ..".to_owned()),
    ];
    let signal = prop::sample::select(vec![Signal::WantsHuman, Signal::Thanks, Signal::Complaint]);
    let event = prop_oneof![
        any::<bool>().prop_map(|signed_in| opened(signed_in).1),
        text.clone().prop_map(|t| says(&t)),
        text.clone().prop_map(|t| agent(&t)),
        text.clone().prop_map(|t| bot(&t)),
        text.prop_map(|t| Event::Said { by: Speaker::ReviewedBot { staff: "zhou".into() }, message: Message::text(t) }),
        (any::<u64>(), signal, any::<u8>()).prop_map(|(of, signal, anger)| felt(of % 30, vec![signal], anger)),
        Just(joined()),
        Just(Event::Released { staff: "lin".into(), why: Release::LeaseLost }),
        Just(Event::BackWithBot),
        Just(Event::Queued { since: Timestamp(i64::MAX), deadline: Timestamp(i64::MIN), to: None }),
        any::<i64>().prop_map(with_fact),
        Just(with_card("1,234.56")),
        Just(ticket()),
        Just(closed()),
        Just(Event::NotHelped),
        Just(Event::Understood {
            of: 1,
            lang: Lang::En,
            needs: vec![NeedSeen { need: "a.b".into(), confidence: 0.5 }],
            signals: vec![],
            mood: Mood::default()
        }),
    ];
    prop::collection::vec((any::<i64>(), any::<u64>(), event), 0..40)
        .prop_map(|all| all.into_iter().map(|(at, seq, event)| StoredEvent { seq, at: Timestamp(at), event }).collect())
}

/// The pack's own card: what customers of the starter pack are inspected by.
fn packs_card() -> Scorecard {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs/consumer-loan/service/inspection/scorecard.yaml");
    let text = std::fs::read_to_string(path).expect("the pack has a scorecard");
    serde_saphyr::from_str(&text).expect("the scorecard reads")
}

#[test]
fn the_packs_card_is_sound() {
    assert_eq!(packs_card().problems(), Vec::<String>::new());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_sequence_of_events_breaks_the_inspection(events in events()) {
        static INSPECTOR: std::sync::LazyLock<Inspector> =
            std::sync::LazyLock::new(|| Inspector::new(packs_card()).expect("the card is sound"));
        let inspection = INSPECTOR.inspect(&events);
        prop_assert!(inspection.score <= 100);
        prop_assert_eq!(inspection.findings.is_empty(), inspection.score == 100);
        prop_assert!(inspection.findings.iter().all(|f| INSPECTOR.card().criterion(&f.rule).is_some()));
        prop_assert_eq!(INSPECTOR.inspect(&events), inspection, "the same events give the same inspection");
        if let Some(last) = events.last() {
            INSPECTOR.alarms(&events, last.seq);
        }
    }
}
