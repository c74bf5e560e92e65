//! Rules, model, board and cases, on made-up troubles.

use super::*;
use crate::conversation::Customer;
use crate::id::NeedId;
use crate::journey::{BreakKind, Name, Platform};
use crate::knowledge::{Audience, Cause, CauseKind, Entry, EntryText, Knowledge, Validity};
use crate::money::Fen;
use crate::statistics::{Daily, SeriesError};
use crate::ticket::Actor;
use crate::tier::Risk;
use crate::time::Timestamp;
use crate::understanding::{Lang, Localized};
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: i64 = 86_400_000;
/// Noon in China, some day of 2026.
const NOON: i64 = 20_600 * DAY_MS + 4 * 3_600_000;

fn rules() -> CauseRules {
    serde_saphyr::from_str(
        "
costs: {contact_fen: 900, ticket_fen: 4500, complaint_fen: 30000, break_point_fen: 100}
cases: {calendar: office, deadline_days: 10, less_percent: 30, check_after_days: 14}
relates: {apply: [application, cards]}
areas: {放款时效: Payout time}
rules:
  - id: upload-service
    when: {journey: apply, steps: [id_upload], codes: [E504]}
    then: {kind: process, area: 身份证上传, owner: it}
    why: {zh-CN: 接口超时, en: timed out}
  - id: upload
    when: {journey: apply, steps: [id_upload], kinds: [errors]}
    then: {kind: operation, area: 身份证上传, owner: product}
    why: {zh-CN: 拍不清, en: not clear}
",
    )
    .expect("the rules are well-formed")
}

fn knowledge() -> Knowledge {
    let entry = |id: &str, area: &str, owner: &str| Entry {
        id: id.into(),
        stage: id.split('.').next().unwrap_or_default().to_owned(),
        risk: Risk::Low,
        cause: Cause { kind: CauseKind::Process, area: area.to_owned() },
        owner: owner.to_owned(),
        flow: None,
        signed_in: false,
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::from([(
            Lang::ZhCn,
            Box::new(EntryText {
                title: id.to_owned(),
                ask: vec!["多久到账".to_owned()],
                answer: "…".to_owned(),
                buttons: vec![],
            }),
        )]),
    };
    Knowledge::new([
        entry("disbursement.how_long", "放款时效", "funds"),
        entry("application.id_upload_failed", "身份证上传", "product"),
    ])
}

fn contact(id: u32, day: i64, need: Option<&str>) -> Trouble {
    Trouble {
        id: format!("contact:cv-{id}"),
        source: Source::Contact,
        weight: Weight::Contact,
        at: Timestamp(NOON + day * DAY_MS),
        customer: format!("visitor:{id}"),
        need: need.map(NeedId::from),
        certainty: if need.is_some() { 0.9 } else { 0.0 },
        journey: None,
        step: None,
        kind: None,
        code: None,
        platform: None,
        version: None,
        signals: BTreeSet::new(),
        words: String::new(),
        sum: Fen::ZERO,
    }
}

fn at_upload(mut trouble: Trouble, kind: Option<BreakKind>, code: Option<&str>) -> Trouble {
    trouble.journey = Some("apply".into());
    trouble.step = Some("id_upload".into());
    trouble.kind = kind;
    trouble.code = code.map(|c| Name::parse(c).expect("a name"));
    trouble.platform = Some(Platform::Android);
    trouble
}

fn decide(trouble: Trouble, model: &CauseModel) -> Attributed {
    attribute(trouble, &rules(), &knowledge(), model)
}

#[test]
fn first_rule_that_fits_decides_and_the_entry_where_none_does() {
    let model = CauseModel::default();
    let upload = Some("application.id_upload_failed");
    let cases = [
        ("rule by code", at_upload(contact(1, 0, upload), Some(BreakKind::Errors), Some("E504")), "it", "upload-service"),
        ("next rule by kind", at_upload(contact(1, 0, None), Some(BreakKind::Errors), Some("blurred")), "product", "upload"),
        ("entry of the need", contact(1, 0, Some("disbursement.how_long")), "funds", "entry"),
        (
            "a step of another matter",
            at_upload(contact(1, 0, Some("disbursement.how_long")), Some(BreakKind::Errors), None),
            "funds",
            "entry",
        ),
        ("nothing known", contact(1, 0, None), "customer-service", "nobody"),
    ];
    for (name, trouble, owner, by) in cases {
        let got = decide(trouble, &model);
        assert_eq!(got.attribution.label.owner, owner, "{name}");
        let decided = match &got.attribution.decided {
            Decided::Rule { rule } => rule.as_str(),
            Decided::Entry => "entry",
            Decided::Model => "model",
            Decided::Person { .. } => "person",
            Decided::Nobody => "nobody",
        };
        assert_eq!(decided, by, "{name}");
        assert!(!got.attribution.reasons.is_empty(), "{name}: a reason is always given");
        assert_eq!(
            got.trouble.place().is_some(),
            by.starts_with("upload"),
            "{name}: where they were counts only where it belongs"
        );
    }
}

fn taught(corrections: &[(Trouble, &Label)]) -> CauseModel {
    let by_rules = (0..40).map(|i| {
        let trouble = match i % 3 {
            0 => contact(i, 0, Some("disbursement.how_long")),
            1 => at_upload(contact(i, 0, None), Some(BreakKind::Errors), Some("blurred")),
            _ => at_upload(contact(i, 0, None), Some(BreakKind::Errors), Some("E504")),
        };
        let label = decide(trouble.clone(), &CauseModel::default()).attribution.label;
        Example { trouble, label, teacher: Teacher::Rule }
    });
    let by_people = corrections.iter().map(|(trouble, label)| Example {
        trouble: trouble.clone(),
        label: (*label).clone(),
        teacher: Teacher::Person,
    });
    CauseModel::train(&by_rules.chain(by_people).collect::<Vec<_>>(), &rules(), &knowledge())
}

fn other() -> Label {
    Label { cause: Cause { kind: CauseKind::Business, area: "准入条件".to_owned() }, owner: "risk".to_owned() }
}

#[test]
fn one_correction_changes_what_comes_later_and_nothing_else() {
    let blurred = || at_upload(contact(90, 1, None), Some(BreakKind::Errors), Some("blurred"));
    let label = other();
    let model = taught(&[(blurred(), &label)]);
    let later = decide(at_upload(contact(91, 2, None), Some(BreakKind::Errors), Some("blurred")), &model);
    assert_eq!((later.attribution.label, later.attribution.decided), (label, Decided::Model));
    let beside = decide(at_upload(contact(92, 2, None), Some(BreakKind::Errors), Some("E504")), &model);
    assert_eq!(beside.attribution.label.owner, "it", "another code is another matter");
    let far = decide(contact(93, 2, Some("disbursement.how_long")), &model);
    assert_eq!(far.attribution.label.owner, "funds");
    let without = decide(blurred(), &taught(&[]));
    assert_eq!(without.attribution.label.owner, "product", "rules are not overruled by their own labels");
}

#[test]
fn held_out_labels_are_counted_and_corrections_beat_the_rules() {
    let label = other();
    let mut examples: Vec<Example> = (0..30)
        .map(|i| {
            let trouble = contact(i, 0, Some("disbursement.how_long"));
            Example { label: decide(trouble.clone(), &CauseModel::default()).attribution.label, trouble, teacher: Teacher::Rule }
        })
        .collect();
    examples.extend((100..130).map(|i| Example {
        trouble: at_upload(contact(i, 0, None), Some(BreakKind::Errors), Some("blurred")),
        label: label.clone(),
        teacher: Teacher::Person,
    }));
    let accuracy = CauseModel::validate(&examples, &rules(), &knowledge());
    assert_eq!((accuracy.people.trials, accuracy.rules_alone.trials, accuracy.rules.trials), (30, 30, 30));
    assert_eq!(accuracy.people.hits, 30, "each is predicted from the others");
    assert_eq!(accuracy.rules_alone.hits, 0);
}

fn row(trouble: Trouble) -> Attributed {
    decide(trouble, &CauseModel::default())
}

fn span(day: i64, days: u16) -> BoardSpan {
    let until = Timestamp(NOON + day * DAY_MS);
    BoardSpan { until, days, known_since: china_day(Timestamp(NOON)) }
}

#[test]
fn board_is_ordered_by_customers_hurt_times_cost() {
    let mut rows: Vec<Attributed> = (0..30).map(|i| row(contact(i, 40, Some("disbursement.how_long")))).collect();
    // One customer who got stuck a hundred times is one customer, and costs little.
    rows.extend((0..100).map(|i| {
        let mut trouble = at_upload(contact(i, 40, None), Some(BreakKind::Errors), Some("blurred"));
        (trouble.id, trouble.source, trouble.weight) = (format!("break:{i}"), Source::BreakPoint, Weight::BreakPoint);
        trouble.customer = "visitor:7".to_owned();
        row(trouble)
    }));
    let problems = board(&rows, &rules(), span(40, 28));
    let seen: Vec<(&str, u64, i64)> = problems.iter().map(|p| (p.key.area.as_str(), p.customers, p.cost.0)).collect();
    assert_eq!(seen, [("放款时效", 30, 27_000), ("身份证上传", 1, 10_000)]);
    assert_eq!(problems[1].key.place.as_deref(), Some("apply.id_upload"));
    assert_eq!(problems[1].key.what.as_deref(), Some("blurred"));
    assert_eq!(problems[0].course.len(), 28);
    assert_eq!(problems[0].course.last().map(|d| d.count), Some(30));
    assert_eq!(board(&rows, &rules(), span(47, 7)).len(), 0, "a week later there is nothing to show");
}

#[test]
fn contact_and_break_point_with_the_same_error_are_one_problem() {
    let asked = row(at_upload(contact(1, 3, Some("application.id_upload_failed")), Some(BreakKind::Errors), Some("blurred")));
    let mut stuck = at_upload(contact(1, 3, None), Some(BreakKind::Errors), Some("blurred"));
    (stuck.id, stuck.source) = ("break:1".to_owned(), Source::BreakPoint);
    let problems = board(&[asked, row(stuck)], &rules(), span(3, 28));
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].customers, problems[0].contacts, problems[0].break_points), (1, 1, 1));
}

#[test]
fn sudden_rise_is_found_and_a_steady_problem_is_not() {
    let mut rows = Vec::new();
    let mut id = 0;
    for day in 0..36 {
        let upload = if day >= 29 { 12 } else { 4 };
        for _ in 0..upload {
            id += 1;
            rows.push(row(at_upload(contact(id, day, None), Some(BreakKind::Errors), Some("blurred"))));
        }
        for _ in 0..6 {
            id += 1;
            rows.push(row(contact(id, day, Some("disbursement.how_long"))));
        }
    }
    let problems = board(&rows, &rules(), span(36, 28));
    let growth = |area: &str| problems.iter().find(|p| p.key.area == area).and_then(|p| p.growth).expect("five weeks are known");
    let (risen, steady) = (growth("身份证上传"), growth("放款时效"));
    assert!(risen.is_sudden && risen.ratio.low > 2.0, "{risen:?}");
    assert_eq!(risen.since, Some(china_day(Timestamp(NOON)) + 29));
    assert!(!steady.is_sudden && steady.since.is_none(), "{steady:?}");
    let young = BoardSpan { known_since: span(36, 28).known_since + 25, ..span(36, 28) };
    assert!(board(&rows, &rules(), young).iter().all(|p| p.growth.is_none()), "too few days are known");
}

#[test]
fn typical_words_tell_a_problem_from_the_others() {
    let here = ["身份证照片一直模糊传不上去", "照片模糊怎么办", "拍了五次照片都说模糊"];
    let elsewhere = ["钱怎么还没到账", "放款多久到账", "怎么还没放款", "一直没有到账"];
    let words = typical(&here, &elsewhere, 3);
    assert!(words.iter().any(|w| w.contains("模糊")) && words.iter().any(|w| w.contains("照片")), "{words:?}");
    assert!(words.iter().all(|w| !w.contains("怎么")), "said everywhere: {words:?}");
    assert!(typical(&[], &elsewhere, 3).is_empty());
}

fn case(counted: Vec<Source>) -> (CaseOpening, Vec<StoredCaseEvent>) {
    let opening = CaseOpening {
        id: "ca-1".into(),
        problem: "pb-1".to_owned(),
        key: ProblemKey { area: "身份证上传".to_owned(), place: None, what: None },
        title: Localized::new("身份证上传", "ID upload"),
        owner: "product".to_owned(),
        deadline: Timestamp(NOON + 10 * DAY_MS),
        target: Target { less_percent: 30, check_after_days: 14 },
        counted,
        evidence: Frozen {
            at: Timestamp(NOON),
            customers: 30,
            contacts: 30,
            tickets: 0,
            complaints: 0,
            break_points: 0,
            cost: Fen(27_000),
            at_stake: Fen::ZERO,
            course: vec![],
            words: vec![],
            versions: vec![],
            troubles: vec![],
        },
    };
    let opened = CaseEvent::Opened { opening: Box::new(opening.clone()) };
    (opening, vec![StoredCaseEvent { seq: 1, at: Timestamp(NOON), by: Actor::System, event: opened }])
}

fn after(acts: &[CaseAct], day: i64) -> Result<Case, CaseRefusal> {
    let (_, mut events) = case(vec![Source::Contact]);
    for act in acts {
        let case = Case::fold(events.iter().cloned()).expect("opened");
        let now = Timestamp(NOON + day * DAY_MS);
        for event in act_on_case(&case, act.clone(), now)? {
            events.push(StoredCaseEvent { seq: events.len() as u64 + 1, at: now, by: Actor::System, event });
        }
    }
    Ok(Case::fold(events).expect("opened"))
}

fn measured(verdict: Verdict) -> Box<Measured> {
    let effect = crate::statistics::Estimate { value: -0.38, low: -0.49, high: -0.25 };
    let control = Some(crate::statistics::Estimate { value: 0.01, low: -0.05, high: 0.07 });
    Box::new(Measured {
        method: Method::Interrupted,
        effect,
        control,
        per_day_before: 30.0,
        per_day_after: 18.0,
        days_before: 28,
        days_after: 14,
        expected: vec![],
        verdict,
    })
}

#[test]
fn case_goes_its_way_and_reopens_by_itself_where_the_fix_did_not_help() {
    let live_at = Timestamp(NOON + 2 * DAY_MS);
    let accept = CaseAct::Accept { staff: "li".into(), name: "李".to_owned() };
    let fixed = CaseAct::Fixed { text: "新的拍摄引导".to_owned(), live_at };
    let measure = |of, verdict| CaseAct::Measured { of, measured: measured(verdict) };
    let waiting = after(&[accept.clone(), fixed.clone()], 3).expect("in order");
    // Fixed on day 2: fourteen whole days from day 3, looked at when day 17 begins.
    assert_eq!(waiting.check_at().map(china_day), Some(china_day(Timestamp(NOON)) + 17));
    for (verdict, want) in [(Verdict::Reached, "proved"), (Verdict::NotReached, "reopened")] {
        let case = after(&[accept.clone(), fixed.clone(), measure(live_at, verdict)], 20).expect("in order");
        assert_eq!(case.state.code(), want);
        assert!(case.measured.is_some() && case.check_at().is_none());
    }
    let stale = after(&[fixed.clone(), measure(Timestamp(NOON), Verdict::Reached)], 20).expect("in order");
    assert_eq!(stale.state.code(), "fixed", "a measurement of another fix has no effect");
    for (acts, want) in [
        (vec![CaseAct::Decline { text: " ".to_owned() }], "case.empty"),
        (vec![CaseAct::Reopen { text: "x".to_owned() }], "case.state"),
        (vec![CaseAct::Decline { text: "不修".to_owned() }, accept.clone()], "case.state"),
        (vec![CaseAct::Fixed { text: "x".to_owned(), live_at: Timestamp(NOON + 4 * DAY_MS) }], "case.future"),
        (vec![CaseAct::Fixed { text: "x".to_owned(), live_at: Timestamp(NOON - 1) }], "case.too_early"),
    ] {
        assert_eq!(after(&acts, 3).map(|c| c.seq).expect_err(want).code(), want);
    }
}

#[test]
fn effect_is_said_in_words_with_its_interval_and_its_control() {
    let what = Localized::new("咨询", "Contacts");
    let words = say(&measured(Verdict::Reached), &what);
    assert_eq!(words.zh_cn, "修复后每天咨询少了约 38%（95% 区间 25%–49%），同期其他问题没有明显变化。");
    assert_eq!(
        words.en,
        "Contacts a day fell by about 38% after the fix (95% interval 25%–49%); other problems did not change meanwhile."
    );
    let mut none = measured(Verdict::NotReached);
    none.effect = crate::statistics::Estimate { value: 0.02, low: -0.2, high: 0.3 };
    none.control = None;
    assert!(say(&none, &what).zh_cn.contains("没有可靠的变化（95% 区间：最多少 20%、最多多 30%）"), "{none:?}");
}

#[test]
fn fix_that_halves_a_problem_is_proved_and_one_that_does_nothing_is_not() {
    let days = |before: u64, later: u64| -> Vec<Daily> {
        (0..42).map(|day| Daily { day, count: if day < 28 { before + day as u64 % 3 } else { later + day as u64 % 3 } }).collect()
    };
    let control = vec![100; 42];
    let helped = measure(&days(20, 9), 28, &control, 30).expect("42 days");
    assert_eq!((helped.method, helped.verdict), (Method::Interrupted, Verdict::Reached), "{helped:?}");
    let useless = measure(&days(20, 19), 28, &control, 30).expect("42 days");
    assert_eq!(useless.verdict, Verdict::NotReached, "{useless:?}");
    let young = measure(&days(20, 9)[22..], 28, &control[22..], 30).expect("6 and 14 days");
    assert_eq!((young.method, young.control), (Method::Compared, None), "{young:?}");
    assert!(matches!(measure(&days(20, 9)[26..], 28, &control[26..], 30), Err(SeriesError::TooShort { .. })));
}

#[test]
fn frequent_problem_proposes_each_kind_once_and_a_rare_one_nothing() {
    let rows: Vec<Attributed> = (0..40)
        .map(|i| {
            let mut trouble =
                at_upload(contact(i, 5, Some("application.id_upload_failed")), Some(BreakKind::Errors), Some("blurred"));
            trouble.version = Some(Name::parse("v5.2.1").expect("a name"));
            trouble.words = "照片总说模糊".to_owned();
            row(trouble)
        })
        .collect();
    let problems = board(&rows, &rules(), span(5, 28));
    let knowledge = knowledge();
    let evidence = Evidence {
        title: Localized::new("身份证上传", "ID upload"),
        place: Some(Localized::new("申请借款/上传身份证", "Apply for a loan/ID card")),
        entry: knowledge.get(&"application.id_upload_failed".into()),
        questions: vec![("照片总说模糊".to_owned(), 40)],
        all_per_day: 400.0,
        days: 1.0,
        handle_secs: 300.0,
    };
    let proposals = propose(&problems[0], &evidence);
    let kinds: Vec<Kind> = proposals.iter().map(|p| p.content.kind()).collect();
    assert_eq!(kinds, [Kind::Knowledge, Kind::Procedure, Kind::Banner, Kind::Staffing]);
    assert!(
        matches!(&proposals[2].content, Content::Banner { version: Some(v), step: Some(s), .. } if v == "v5.2.1" && s == "id_upload")
    );
    assert!(matches!(&proposals[3].content, Content::Staffing { agents_now, agents_without, .. } if agents_now > agents_without));
    let rare = Problem { customers: 4, ..problems[0].clone() };
    assert!(propose(&rare, &evidence).is_empty());
}

#[test]
fn wrong_rules_are_listed_with_the_mend() {
    let mut wrong = rules();
    wrong.costs.contact_fen = -1;
    wrong.cases.check_after_days = 3;
    wrong.rules[1].when = When::default();
    let mut again = wrong.rules[0].clone();
    again.then.area = " ".to_owned();
    wrong.rules.push(again);
    let problems = wrong.problems(&[], &crate::ticket::TicketRules::default());
    for want in [
        "contact_fen is -1",
        "calendar \"office\"",
        "check_after_days is 3",
        "fits everything",
        "written twice",
        "never reached",
        "has no area",
    ] {
        assert!(problems.iter().any(|p| p.contains(want)), "{want}: {problems:#?}");
    }
    assert!(CauseRules::default().problems(&[], &crate::ticket::TicketRules::default()).is_empty());
}

#[test]
fn conversation_becomes_a_contact_with_its_surest_need_and_first_words() {
    use crate::conversation::{Channel, Conversation, Event, NeedSeen, StoredEvent};
    use crate::understanding::{Mood, Signal};
    let customer = Customer { id: "c1".into(), name: None, signed_in: true };
    let seen = |need: &str, confidence| Event::Understood {
        of: 2,
        lang: Lang::ZhCn,
        needs: vec![NeedSeen { need: need.into(), confidence }],
        signals: vec![Signal::Complaint],
        mood: Mood::default(),
    };
    let events: Vec<StoredEvent> = [
        Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn },
        Event::CustomerSaid { client_id: "m1".into(), text: "照片传不上去".to_owned() },
        seen("application.id_upload_failed", 0.9),
        Event::CustomerSaid { client_id: "m2".into(), text: "我要投诉".to_owned() },
        seen("complaints.file", 0.6),
    ]
    .into_iter()
    .zip(1..)
    .map(|(event, seq)| StoredEvent { seq, at: Timestamp(NOON), event })
    .collect();
    let conversation = Conversation::fold("cv-1".into(), events.clone()).expect("opened");
    let trouble = Trouble::contact(&conversation, &events, None, Some(7));
    assert_eq!(trouble.need, Some("application.id_upload_failed".into()));
    assert_eq!(
        (trouble.words.as_str(), trouble.customer.as_str(), trouble.weight),
        ("照片传不上去", "visitor:7", Weight::Complaint)
    );
}
