//! Properties of the conversation: invariants 2, 4 and 6 hold after any sequence of inputs.

use super::*;
use crate::calendar::Calendar;
use crate::flow::{FlowFile, Flows};
use crate::id::{ConversationId, DraftId, FlowId, NeedId, RequestId, StaffId, StepId};
use crate::knowledge::{Audience, Cause, CauseKind, Entry, EntryText, Knowledge, Validity};
use crate::learning::Label;
use crate::lender::{Fact, Facts, LenderError};
use crate::message::{Action, Message};
use crate::money::Fen;
use crate::routing::{Level, Profile, RoutingRules, Strictness, WantRule, When};
use crate::service::ServiceRules;
use crate::tier::{Risk, Tier, Unattended};
use crate::time::Timestamp;
use crate::understanding::{Breadth, Lang, Mood, NeedGuess, Signal, Understanding};
use crate::writing::{WritingError, WritingRequest};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

mod desk;
mod writing;

const FLOW: &str = r#"{
  "id": "settle", "title": {"zh-CN": "提前还款", "en": "Settle"},
  "steps": [
    {"id": "quote", "call": {"operation": "settlement_quote", "save": "quote"}, "next": "confirm"},
    {"id": "confirm", "confirm": {"text": {"zh-CN": "共 {quote.total}", "en": "{quote.total}"},
      "yes": {"zh-CN": "好", "en": "yes"}, "no": {"zh-CN": "不", "en": "no"}}, "next": "settle", "otherwise": "kept"},
    {"id": "settle", "call": {"operation": "settle", "save": "receipt"}, "next": "done"},
    {"id": "kept", "end": "unsolved"},
    {"id": "done", "end": "solved"}
  ]
}"#;

const NEEDS: [(&str, Risk); 5] =
    [("a.low", Risk::Low), ("a.medium", Risk::Medium), ("a.high", Risk::High), ("a.human", Risk::Human), ("a.flow", Risk::Low)];

fn rules() -> Rules {
    let flow: FlowFile = serde_json::from_str(FLOW).expect("the flow reads");
    let entry = |(id, risk): (&str, Risk)| {
        let text = Box::new(EntryText {
            title: id.to_owned(),
            ask: vec![id.to_owned()],
            answer: format!("answer of {id}"),
            buttons: Vec::new(),
        });
        Entry {
            id: NeedId::from(id),
            stage: "a".to_owned(),
            risk,
            cause: Cause { kind: CauseKind::Process, area: "a".to_owned() },
            owner: "repayment".to_owned(),
            flow: (id == "a.flow").then(|| FlowId::from("settle")),
            signed_in: false,
            valid: Validity::ALWAYS,
            audience: Audience::default(),
            variants: Vec::new(),
            texts: BTreeMap::from([(Lang::ZhCn, text)]),
        }
    };
    Rules {
        knowledge: Arc::new(Knowledge::new(NEEDS.map(entry))),
        flows: Arc::new(Flows::new([flow.check().expect("the flow is sound")])),
        ..Rules::default()
    }
}

/// One input, as data that can be generated and shrunk.
#[derive(Debug, Clone)]
enum Move {
    Say { need: usize, confidence: f32, second: f32, signals: Vec<Signal> },
    Press(Action),
    LenderAnswers(bool),
    WriterAnswers(bool),
    TimersFire,
    Assign,
    LeaseLost,
    Staff { act: usize, second: bool },
    Idle,
}

fn moves() -> impl Strategy<Value = Move> {
    let signals = prop::collection::vec(
        prop::sample::select(vec![
            Signal::Affirm,
            Signal::Deny,
            Signal::Cancel,
            Signal::Resume,
            Signal::Correction,
            Signal::NotSolved,
            Signal::Thanks,
            Signal::Greeting,
            Signal::WantsHuman,
            Signal::Complaint,
        ]),
        0..2,
    );
    let choose = |value: &str| Action::Choose { flow: "settle".into(), step: "confirm".into(), value: value.to_owned() };
    prop_oneof![
        6 => (0..NEEDS.len(), 0.0_f32..1.0, 0.0_f32..1.0, signals)
            .prop_map(|(need, confidence, second, signals)| Move::Say { need, confidence, second, signals }),
        3 => prop::sample::select(vec![
            Action::Human,
            Action::LeaveQueue,
            Action::NoneOfThese,
            Action::Flow { flow: "settle".into() },
            Action::Flow { flow: "no-such-flow".into() },
            Action::Ask { need: "a.high".into() },
            Action::Resume { flow: "settle".into() },
            Action::Cancel { flow: "settle".into() },
            choose("yes"),
            choose("no"),
            choose("nonsense"),
        ]).prop_map(Move::Press),
        3 => any::<bool>().prop_map(Move::LenderAnswers),
        3 => any::<bool>().prop_map(Move::WriterAnswers),
        2 => Just(Move::TimersFire),
        2 => Just(Move::Assign),
        1 => Just(Move::LeaseLost),
        6 => (0_usize..15, any::<bool>()).prop_map(|(act, second)| Move::Staff { act, second }),
        1 => Just(Move::Idle),
    ]
}

fn duties() -> impl Strategy<Value = Duty<'static>> {
    (0_u32..2, 0_u32..2).prop_map(|(agents, silent_seats)| Duty { agents, silent_seats, ..Duty::default() })
}

/// A conversation with the timers and lender requests that its effects have started.
struct World {
    state: Conversation,
    rules: Rules,
    now: Timestamp,
    timers: Vec<(Timestamp, Timer)>,
    requests: Vec<RequestId>,
    questions: Vec<WritingRequest>,
    labels: Vec<Label>,
}

impl World {
    fn new() -> Self {
        let customer = Customer { id: "c1".into(), name: None, signed_in: true };
        let opened =
            StoredEvent { seq: 1, at: Timestamp(0), event: Event::Opened { customer, channel: Channel::Web, lang: Lang::ZhCn } };
        let state = Conversation::fold(ConversationId::from("cv-000000000001"), [opened]).expect("opened");
        let (timers, requests, questions, labels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { state, rules: rules(), now: Timestamp(0), timers, requests, questions, labels }
    }

    fn feed(&mut self, input: Input<'_>, duty: Duty) -> Decision {
        let decision = decide(&self.state, input.clone(), &self.rules, duty, self.now);
        assert_eq!(decision, decide(&self.state, input, &self.rules, duty, self.now), "the same input gives the same decision");
        let decision = decision.unwrap_or_default();
        for event in &decision.events {
            let stored = StoredEvent { seq: self.state.seq + 1, at: self.now, event: event.clone() };
            self.state.apply(&stored);
        }
        for effect in &decision.effects {
            match effect {
                Effect::StartTimer { due, timer } => self.timers.push((*due, timer.clone())),
                Effect::AskLender(request) => self.requests.push(request.id.clone()),
                Effect::Write(request) => self.questions.push(request.clone()),
                Effect::OpenTicket(_) | Effect::Inspect | Effect::Attribute | Effect::Alarm { .. } => {}
                Effect::Keep(label) => self.labels.push(label.clone()),
            }
        }
        decision
    }

    fn say(&mut self, understanding: &Understanding, duty: Duty) -> Decision {
        let said = Event::CustomerSaid { client_id: "m".into(), text: "说".to_owned() };
        let stored = StoredEvent { seq: self.state.seq + 1, at: self.now, event: said };
        self.state.apply(&stored);
        self.feed(Input::Understood { of: stored.seq, text: "说", understanding }, duty)
    }

    fn play(&mut self, step: &Move, duty: Duty) {
        self.now = self.now.plus_secs(7);
        let staff = StaffRef { id: "agent".into(), name: "林".to_owned() };
        match step {
            Move::Say { need, confidence, second, signals } => {
                let guess = |at: usize, confidence| NeedGuess { need: NeedId::from(NEEDS[at % NEEDS.len()].0), confidence };
                let needs = vec![guess(*need, *confidence), guess(need + 1, second.min(*confidence))];
                let understanding =
                    Understanding { needs, signals: signals.iter().copied().collect(), ..Understanding::default() };
                self.say(&understanding, duty);
            }
            Move::Press(action) => drop(self.feed(Input::Pressed { action }, duty)),
            Move::LenderAnswers(well) => {
                if let Some(request) = self.requests.pop() {
                    let answer = if *well {
                        Ok(Facts::from([("total".to_owned(), Fact::Money(Fen(123_456)))]))
                    } else {
                        Err(LenderError::Unreachable { operation: "settle".to_owned(), detail: "down".to_owned() })
                    };
                    self.feed(Input::LenderAnswered { request: &request, answer }, duty);
                }
            }
            Move::WriterAnswers(well) => {
                if let Some(request) = self.questions.pop() {
                    let error = WritingError::Unreachable { detail: "down".to_owned() };
                    let text = format!("{}[1]。", request.sources[0].text);
                    self.feed(Input::Written { request: &request, reply: if *well { Ok(&text) } else { Err(&error) } }, duty);
                }
            }
            Move::TimersFire => {
                self.now = self.now.plus_secs(700);
                let now = self.now;
                let due: Vec<Timer> = self.timers.iter().filter(|(at, _)| *at <= now).map(|(_, t)| t.clone()).collect();
                self.timers.retain(|(at, _)| *at > now);
                for timer in due {
                    self.feed(Input::TimerFired(&timer), duty);
                }
            }
            Move::Assign => drop(self.feed(Input::Assign { staff: &staff }, duty)),
            Move::LeaseLost => drop(self.feed(Input::LeaseLost { staff: &staff.id }, duty)),
            Move::Idle => drop(self.feed(Input::Idle, duty)),
            Move::Staff { act, second } => {
                let staff = if *second { StaffRef { id: "second".into(), name: "何".to_owned() } } else { staff };
                let draft = match &self.state.stage {
                    Stage::Draft(draft) => draft.id.clone(),
                    _ => DraftId::from("gone"),
                };
                let act = match act {
                    0 => StaffAct::SendDraft { draft },
                    1 => StaffAct::EditDraft { draft, text: "改过的话".to_owned() },
                    2 => StaffAct::VetoDraft { draft, reason: "不对".to_owned() },
                    3 => StaffAct::TakeOverDraft { draft },
                    4 => StaffAct::Take { seen_owner: self.owner() },
                    5 => StaffAct::Say { text: "您好".to_owned() },
                    6 => StaffAct::Release,
                    7 => StaffAct::AskBack { draft, text: "您指的是哪一笔？".to_owned() },
                    8 => StaffAct::Transfer { to: Destination::Staff { staff: "second".into() }, note: String::new() },
                    9 => StaffAct::Invite { to: Destination::Anybody, note: String::new() },
                    10 => StaffAct::TakeBackInvite,
                    11 => StaffAct::Leave,
                    12 => StaffAct::BackToBot,
                    13 => StaffAct::HoldDraft { draft },
                    _ => StaffAct::Close { wrap_up: None },
                };
                self.feed(Input::Staff { staff: &staff, act: &act }, duty);
            }
        }
    }

    fn owner(&self) -> Option<StaffId> {
        match &self.state.stage {
            Stage::Human { staff, .. } => Some(staff.clone()),
            Stage::Bot | Stage::Draft(_) | Stage::Waiting { .. } | Stage::Closed { .. } => None,
        }
    }

    /// Invariant 2, and nobody is in a conversation twice.
    fn check_owner(&self) {
        let armed: BTreeSet<String> = self.timers.iter().map(|(_, t)| format!("{t:?}")).collect();
        let has = |timer: Timer| armed.contains(&format!("{timer:?}"));
        match &self.state.stage {
            Stage::Human { staff, .. } => {
                assert!(!self.state.is_guest(staff), "the owner is a guest as well");
                if let Some(invite) = &self.state.invite {
                    assert!(has(Timer::Invite { deadline: invite.deadline }), "an invitation without a deadline");
                }
            }
            Stage::Bot | Stage::Closed { .. } => {}
            Stage::Draft(draft) => assert!(has(Timer::Draft { draft: draft.id.clone() }), "a draft without a deadline"),
            Stage::Waiting { deadline, .. } => assert!(has(Timer::Queue { deadline: *deadline }), "a wait without a deadline"),
        }
    }
}

fn after(path: &[(Move, Duty)]) -> World {
    let mut world = World::new();
    world.rules.writes = path.len() % 2 == 0;
    for (step, duty) in path {
        world.play(step, *duty);
        world.check_owner();
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn an_open_conversation_always_has_an_owner_or_a_deadline(path in prop::collection::vec((moves(), duties()), 0..25)) {
        let world = after(&path);
        // The fold of the same events is the same state: a restart loses nothing.
        prop_assert!(world.state.seq >= 1);
    }

    #[test]
    fn asking_for_a_person_always_works(
        path in prop::collection::vec((moves(), duties()), 0..20),
        duty in duties(),
        by_button in any::<bool>(),
    ) {
        let mut world = after(&path);
        prop_assume!(world.state.is_open());
        world.now = world.now.plus_secs(1);
        let decision = if by_button {
            world.feed(Input::Pressed { action: &Action::Human }, duty)
        } else {
            let understanding = Understanding { signals: BTreeSet::from([Signal::WantsHuman]), ..Understanding::default() };
            world.say(&understanding, duty)
        };
        let told = decision.events.iter().any(|e| matches!(e, Event::Said { .. }));
        match &world.state.stage {
            Stage::Human { .. } | Stage::Waiting { .. } => {}
            other => {
                prop_assert!(duty.agents == 0, "an agent is on duty, but the stage is {other:?}");
                prop_assert!(!world.state.tickets.is_empty() && told, "nobody on duty: a ticket and a promise");
            }
        }
        world.check_owner();
    }

    #[test]
    fn complaint_fraud_hardship_and_distress_go_up_at_once(
        path in prop::collection::vec((moves(), duties()), 0..20),
        duty in duties(),
        signal in prop::sample::select(vec![
            Signal::Complaint, Signal::RegulatorThreat, Signal::FraudVictim, Signal::Hardship, Signal::SelfHarm,
        ]),
        need in 0..NEEDS.len(),
    ) {
        let mut world = after(&path);
        prop_assume!(world.state.is_open());
        // However sure the bot is of an answer, or of a flow.
        let understanding = Understanding {
            needs: vec![NeedGuess { need: NeedId::from(NEEDS[need].0), confidence: 1.0 }],
            signals: BTreeSet::from([signal]),
            ..Understanding::default()
        };
        let decision = world.say(&understanding, duty);
        let answered = decision.events.iter().any(|e| matches!(e, Event::Answered { .. } | Event::FlowMoved { phase: FlowPhase::Started, .. }));
        prop_assert!(!answered, "a lower tier answered");
        prop_assert_eq!(world.state.highest_tier(), Some(Tier::Human));
        let in_hands = matches!(world.state.stage, Stage::Waiting { .. } | Stage::Human { .. });
        prop_assert!(in_hands || !world.state.tickets.is_empty(), "neither a person nor a ticket");
    }

    #[test]
    fn nothing_is_changed_at_the_lender_without_a_yes(path in prop::collection::vec((moves(), duties()), 0..25)) {
        let mut world = World::new();
        for (step, duty) in &path {
            let before = world.state.flow.as_ref().or(world.state.paused.as_ref()).map(|r| r.step.clone());
            let seq = world.state.seq;
            world.play(step, *duty);
            let asked_to_settle = world.state.flow.as_ref().is_some_and(|r| r.step == StepId::from("settle") && world.state.seq > seq);
            if asked_to_settle {
                let stood_at_yes = before == Some(StepId::from("confirm")) || before == Some(StepId::from("settle"));
                prop_assert!(stood_at_yes, "settle was reached from {before:?} by {step:?}");
            }
        }
    }
}

#[test]
fn a_draft_is_sent_as_the_policy_says_when_its_time_runs_out() {
    let duty = Duty { agents: 1, silent_seats: 1, ..Duty::default() };
    for (need, confidence, stage_after) in [("a.medium", 0.6, "bot"), ("a.high", 0.9, "waiting")] {
        let mut world = World::new();
        world.rules.policy.medium.unattended = Unattended::Send;
        let needs = vec![NeedGuess { need: NeedId::from(need), confidence }];
        world.say(&Understanding { needs, ..Understanding::default() }, duty);
        assert!(matches!(world.state.stage, Stage::Draft(_)), "{need}");
        world.play(&Move::TimersFire, duty);
        let stage = match world.state.stage {
            Stage::Bot => "bot",
            Stage::Waiting { .. } => "waiting",
            _ => "another",
        };
        assert_eq!(stage, stage_after, "{need}");
    }
}

#[test]
fn a_seat_cannot_send_a_sum_that_nobody_gave() {
    let duty = Duty { agents: 1, silent_seats: 1, ..Duty::default() };
    let mut world = World::new();
    let needs = vec![NeedGuess { need: NeedId::from("a.high"), confidence: 0.9 }];
    world.say(&Understanding { needs, ..Understanding::default() }, duty);
    let Stage::Draft(draft) = &world.state.stage else { panic!("a draft") };
    let draft = draft.id.clone();
    let staff = StaffRef { id: "seat".into(), name: "周".to_owned() };
    let edit = StaffAct::EditDraft { draft: draft.clone(), text: "手续费 30 元".to_owned() };
    let refused = decide(&world.state, Input::Staff { staff: &staff, act: &edit }, &world.rules, duty, world.now);
    assert_eq!(refused.map_err(|r| r.code()), Err("draft.figures"));
    let other = StaffRef { id: "other".into(), name: "吴".to_owned() };
    world.feed(Input::Staff { staff: &staff, act: &StaffAct::HoldDraft { draft: draft.clone() } }, duty);
    let send = StaffAct::SendDraft { draft };
    let held = decide(&world.state, Input::Staff { staff: &other, act: &send }, &world.rules, duty, world.now);
    assert_eq!(held.map_err(|r| r.code()), Err("draft.held"));
}

#[test]
fn the_agents_words_reach_only_their_own_conversation() {
    let duty = Duty { agents: 1, silent_seats: 0, ..Duty::default() };
    let mut world = World::new();
    world.feed(Input::Pressed { action: &Action::Human }, duty);
    let first = StaffRef { id: "first".into(), name: "林".to_owned() };
    let second = StaffRef { id: "second".into(), name: "何".to_owned() };
    world.feed(Input::Assign { staff: &first }, duty);
    let say = StaffAct::Say { text: "您好".to_owned() };
    let refused = decide(&world.state, Input::Staff { staff: &second, act: &say }, &world.rules, duty, world.now);
    assert_eq!(refused.map_err(|r| r.code()), Err("conversation.not_yours"));
    // Taken in the belief that it was still in the queue: the colleague was first.
    let unseen = StaffAct::Take { seen_owner: None };
    let late = decide(&world.state, Input::Staff { staff: &second, act: &unseen }, &world.rules, duty, world.now);
    assert_eq!(late.map_err(|r| r.code()), Err("conversation.taken_first"));
    world.feed(Input::Staff { staff: &second, act: &StaffAct::Take { seen_owner: Some(first.id.clone()) } }, duty);
    let late = decide(&world.state, Input::Staff { staff: &first, act: &say }, &world.rules, duty, world.now);
    assert_eq!(late.map_err(|r| r.code()), Err("conversation.not_yours"));
}

#[test]
fn a_second_need_is_offered_beside_the_answer_to_the_first() {
    let mut world = World::new();
    let guess = |place: usize| NeedGuess { need: NeedId::from(NEEDS[place].0), confidence: 0.9 };
    let asked = Understanding { needs: vec![guess(0)], second: Some(guess(1)), ..Understanding::default() };
    let decision = world.say(&asked, Duty::default());
    let said: Vec<&Message> = decision
        .events
        .iter()
        .filter_map(|e| match e {
            Event::Said { message, .. } => Some(message),
            _ => None,
        })
        .collect();
    let [_, offer] = said.as_slice() else { panic!("an answer and an offer, not {said:?}") };
    let actions: Vec<&Action> = offer.buttons.iter().map(|b| &b.action).collect();
    assert_eq!(actions, [&Action::Ask { need: NEEDS[1].0.into() }]);
}

#[test]
fn a_bare_topic_is_answered_with_the_best_three_as_buttons() {
    for (confidence, breadth, clarified) in
        [(0.9, Breadth::Topic, true), (0.05, Breadth::Topic, true), (0.9, Breadth::Need, false), (0.05, Breadth::Need, false)]
    {
        let mut world = World::new();
        let needs = NEEDS.map(|(need, _)| NeedGuess { need: NeedId::from(need), confidence }).to_vec();
        let needs = if breadth == Breadth::Need { needs[..1].to_vec() } else { needs };
        let decision = world.say(
            &Understanding { needs, breadth, ..Understanding::default() },
            Duty { agents: 1, silent_seats: 1, ..Duty::default() },
        );
        let asked: Vec<Action> = decision
            .events
            .iter()
            .filter_map(|e| match e {
                Event::Said { message, .. } => Some(message),
                _ => None,
            })
            .flat_map(|m| m.buttons.iter().map(|b| b.action.clone()))
            .filter(|a| matches!(a, Action::Ask { .. }))
            .collect();
        let best = |at: usize| Action::Ask { need: NEEDS[at].0.into() };
        let want = if clarified { vec![best(0), best(1), best(2)] } else { Vec::new() };
        assert_eq!(asked, want, "{confidence} {breadth:?}");
        assert_eq!(world.state.stage, Stage::Bot);
    }
}

#[test]
fn a_customer_who_grows_angry_over_the_same_question_gets_a_person_who_reads_why() {
    let duty = || Duty { agents: 1, silent_seats: 1, ..Duty::default() };
    let asks = |anger: u8| Understanding {
        needs: vec![NeedGuess { need: "a.low".into(), confidence: 0.8 }],
        mood: Mood { anger, ..Mood::default() },
        ..Understanding::default()
    };
    let mut calm = World::new();
    for _ in 0..3 {
        calm.say(&asks(0), duty());
        assert_eq!(calm.state.stage, Stage::Bot, "who only asks again is answered again");
    }
    let mut cross = World::new();
    cross.say(&asks(0), duty());
    assert_eq!(cross.state.stage, Stage::Bot);
    cross.say(&asks(60), duty());
    assert!(matches!(cross.state.stage, Stage::Waiting { .. }), "{:?}", cross.state.stage);
    let words = summary(&cross.state, &cross.rules, Lang::ZhCn);
    assert!(words[0].contains("越来越生气（0→60），同一件事问了 2 次"), "{words:?}");
    let mut alone = World::new();
    alone.say(&asks(0), Duty::default());
    alone.say(&asks(60), Duty::default());
    assert_eq!(alone.state.stage, Stage::Bot, "where nobody can come the bot does what it can");
}

#[test]
fn who_cannot_be_served_without_a_skill_gets_a_promise_at_once_unless_somebody_on_duty_has_it() {
    let english = WantRule {
        when: When { lang: vec![Lang::En], ..When::default() },
        skill: "lang.en".into(),
        level: Level::LOWEST,
        strictness: Strictness::Must,
    };
    let calendar = |hours: &str| -> Calendar {
        let week: BTreeMap<&str, Vec<&str>> =
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| (day, vec![hours])).into();
        let json = serde_json::json!({"id": "desk", "title": {"zh-CN": "坐席", "en": "Desk"}, "week": week});
        serde_json::from_value(json).expect("a calendar")
    };
    // The world begins at 08:00 in China.
    let (open, closed) = (calendar("07:00-20:00"), calendar("09:00-20:00"));
    let able = Profile { skills: BTreeMap::from([("lang.en".into(), Level::LOWEST)]), ..Profile::default() };
    for (name, lang, hours, profile, waits) in [
        ("nobody speaks English", Lang::En, &open, Profile::default(), false),
        ("somebody does", Lang::En, &open, able.clone(), true),
        ("Chinese is no matter", Lang::ZhCn, &open, Profile::default(), true),
        ("the desk is closed", Lang::En, &closed, able, false),
    ] {
        let mut world = World::new();
        world.rules.service = Arc::new(ServiceRules {
            calendars: vec![hours.clone()],
            routing: RoutingRules { wanted: vec![english.clone()], calendar: Some("desk".to_owned()), ..RoutingRules::default() },
            ..ServiceRules::default()
        });
        let duty = Duty { agents: 1, silent_seats: 0, profiles: &[profile] };
        let asks = Understanding { lang, signals: BTreeSet::from([Signal::WantsHuman]), ..Understanding::default() };
        world.say(&asks, duty);
        let waiting = matches!(world.state.stage, Stage::Waiting { .. });
        assert_eq!((waiting, world.state.tickets.len()), (waits, usize::from(!waits)), "{name}");
    }
}

#[test]
fn an_answer_that_is_over_or_for_others_is_never_given_and_the_narrower_one_wins() {
    use crate::knowledge::{Account, LifeStage, Variant, VariantText};
    let day = |day: i8| Some(jiff::civil::date(1970, 1, day));
    let text = VariantText { answer: "for those who are late".to_owned(), buttons: Vec::new() };
    let late = Variant {
        name: "late".to_owned(),
        audience: Audience { stages: BTreeSet::from([LifeStage::Overdue]), ..Audience::default() },
        valid: Validity::ALWAYS,
        texts: BTreeMap::from([(Lang::ZhCn, text)]),
    };
    let overdue = Account { stages: BTreeSet::from([LifeStage::Overdue]), ..Account::default() };
    for (name, valid, variants, account, want) in [
        ("in force", Validity { from: None, until: day(1) }, vec![], None, Some("answer of a.low")),
        ("the day after", Validity { from: day(2), until: None }, vec![], None, None),
        ("not known to be late", Validity::ALWAYS, vec![late.clone()], None, Some("answer of a.low")),
        ("late", Validity::ALWAYS, vec![late.clone()], Some(&overdue), Some("for those who are late")),
    ] {
        let mut world = World::new();
        let mut entries: Vec<Entry> = world.rules.knowledge.iter().cloned().collect();
        for entry in entries.iter_mut().filter(|e| e.id.as_str() == "a.low") {
            (entry.valid, entry.variants) = (valid, variants.clone());
        }
        world.rules.knowledge = Arc::new(Knowledge::new(entries));
        if let Some(account) = account {
            let seen = world.feed(Input::AccountSeen { account }, Duty::default());
            assert_eq!(seen.events, [Event::AccountSeen { account: account.clone() }]);
            let again = world.feed(Input::AccountSeen { account }, Duty::default());
            assert_eq!(again.events, [], "the same is no news");
        }
        let understanding = Understanding {
            needs: vec![NeedGuess { need: "a.low".into(), confidence: 0.9 }],
            breadth: Breadth::Need,
            ..Understanding::default()
        };
        let input = Input::Understood { of: 1, text: "t", understanding: &understanding };
        let events = world.feed(input, Duty::default()).events;
        let said = events.iter().find_map(|e| match e {
            Event::Said { message, .. } => Some(message.text.as_str()),
            _ => None,
        });
        match want {
            Some(answer) => assert_eq!(said, Some(answer), "{name}"),
            None => assert!(events.contains(&Event::NotHelped) && said != Some("answer of a.low"), "{name}: {events:?}"),
        }
    }
}
