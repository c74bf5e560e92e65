//! The silent seat's ways out of a draft, and more than one person on a conversation.

use super::*;
use crate::learning::LabelKind;

const DUTY: Duty = Duty { agents: 2, silent_seats: 1, profiles: &[] };

fn person(id: &str) -> StaffRef {
    StaffRef { id: id.into(), name: id.to_owned() }
}

impl World {
    fn act(&mut self, staff: &str, act: StaffAct) -> Result<(), &'static str> {
        let staff = person(staff);
        decide(&self.state, Input::Staff { staff: &staff, act: &act }, &self.rules, DUTY, self.now).map_err(|r| r.code())?;
        self.feed(Input::Staff { staff: &staff, act: &act }, DUTY);
        self.check_owner();
        Ok(())
    }

    fn with_draft(need: &str) -> (World, DraftId) {
        let mut world = World::new();
        let needs = vec![NeedGuess { need: NeedId::from(need), confidence: 0.6 }];
        world.say(&Understanding { needs, ..Understanding::default() }, DUTY);
        let Stage::Draft(draft) = &world.state.stage else { panic!("a draft") };
        let draft = draft.id.clone();
        (world, draft)
    }

    /// In the hands of "owner".
    fn with_person() -> World {
        let mut world = World::new();
        world.feed(Input::Pressed { action: &Action::Human }, DUTY);
        world.feed(Input::Assign { staff: &person("owner") }, DUTY);
        world
    }

    fn said(&self) -> &str {
        self.state.turns.back().map_or("", |t| t.text.as_str())
    }
}

#[test]
fn each_ending_of_a_draft_leaves_its_label() {
    let edit = |draft: &DraftId| StaffAct::EditDraft { draft: draft.clone(), text: "answer for a.medium".to_owned() };
    let ask = |draft: &DraftId| StaffAct::AskBack { draft: draft.clone(), text: "哪一笔？".to_owned() };
    let veto = |draft: &DraftId| StaffAct::VetoDraft { draft: draft.clone(), reason: "wrong_need".to_owned() };
    let send = |draft: &DraftId| StaffAct::SendDraft { draft: draft.clone() };
    let take = |draft: &DraftId| StaffAct::TakeOverDraft { draft: draft.clone() };
    let cases: [(&dyn Fn(&DraftId) -> StaffAct, LabelKind, Option<u32>); 5] = [
        (&send, LabelKind::Sent, None),
        (&edit, LabelKind::Edited, Some(2)),
        (&ask, LabelKind::AskedBack, None),
        (&veto, LabelKind::Vetoed, None),
        (&take, LabelKind::TakenOver, None),
    ];
    for (act, kind, edits) in cases {
        let (mut world, draft) = World::with_draft("a.medium");
        world.act("seat", StaffAct::HoldDraft { draft: draft.clone() }).expect("free");
        let held_at = world.now;
        world.now = world.now.plus_secs(9);
        world.act("seat", act(&draft)).expect("it is the seat's");
        let [label] = &world.labels[..] else { panic!("one label: {:?}", world.labels) };
        assert_eq!((label.kind, label.edits, label.held_at), (kind, edits, Some(held_at)));
        assert_eq!((label.proposed.as_str(), label.settled_at), ("answer of a.medium", world.now));
    }
}

#[test]
fn a_seat_asks_back_and_the_customers_next_words_are_the_bots_again() {
    let (mut world, draft) = World::with_draft("a.medium");
    world.act("seat", StaffAct::AskBack { draft: draft.clone(), text: "您指的是哪一笔？".to_owned() }).expect("free");
    assert_eq!((world.said(), &world.state.stage), ("您指的是哪一笔？", &Stage::Bot));
    assert_eq!(world.act("seat", StaffAct::SendDraft { draft }), Err("draft.settled"));
}

#[test]
fn a_draft_that_is_let_go_is_anybodys() {
    let (mut world, draft) = World::with_draft("a.medium");
    world.act("seat", StaffAct::HoldDraft { draft: draft.clone() }).expect("free");
    assert_eq!(world.act("other", StaffAct::LetGoOfDraft { draft: draft.clone() }), Err("draft.held"));
    world.act("seat", StaffAct::LetGoOfDraft { draft: draft.clone() }).expect("its own");
    world.act("other", StaffAct::SendDraft { draft }).expect("free again");
}

#[test]
fn a_draft_of_a_holding_row_gets_an_honest_note_once_and_then_a_person() {
    let mut world = World::new();
    let needs = vec![NeedGuess { need: NeedId::from("a.medium"), confidence: 0.6 }];
    world.say(&Understanding { needs, ..Understanding::default() }, DUTY);
    world.play(&Move::TimersFire, DUTY);
    world.check_owner();
    let Stage::Draft(draft) = &world.state.stage else { panic!("still a draft: {:?}", world.state.stage) };
    assert!(world.state.turns.iter().any(|t| t.text.contains("还需要一点时间")), "the customer is told");
    assert_eq!((draft.at_deadline, world.labels.len()), (Unattended::Handoff, 0));
    world.play(&Move::TimersFire, DUTY);
    assert!(matches!(world.state.stage, Stage::Waiting { .. }), "{:?}", world.state.stage);
    assert_eq!(world.labels[0].kind, LabelKind::Expired);
}

#[test]
fn a_transfer_keeps_the_place_and_says_where_to() {
    let mut world = World::with_person();
    let Stage::Human { since: owned, .. } = world.state.stage else { panic!("owned") };
    world.now = world.now.plus_secs(300);
    let to = Destination::Skill { skill: "stage.repayment".to_owned() };
    assert_eq!(world.act("other", StaffAct::Transfer { to: to.clone(), note: String::new() }), Err("conversation.not_yours"));
    world.act("owner", StaffAct::Transfer { to: to.clone(), note: "客户要协商".to_owned() }).expect("the owner's");
    let Stage::Waiting { since, to: wanted, .. } = &world.state.stage else { panic!("waiting") };
    assert_eq!((*since, wanted.as_ref()), (owned, Some(&to)));
    // Nobody with the skill came: after the deadline it is anybody's.
    world.play(&Move::TimersFire, DUTY);
    assert!(matches!(world.state.stage, Stage::Waiting { to: None, .. }));
}

#[test]
fn a_conference_outlives_its_owner() {
    let mut world = World::with_person();
    let invite = StaffAct::Invite { to: Destination::Staff { staff: "guest".into() }, note: "帮忙看看".to_owned() };
    world.act("owner", invite.clone()).expect("the owner's");
    assert_eq!(world.act("owner", invite), Err("invite.open"));
    world.feed(Input::Assign { staff: &person("guest") }, DUTY);
    assert!(world.state.is_guest(&"guest".into()) && world.state.invite.is_none());
    world.act("guest", StaffAct::Say { text: "我来补充".to_owned() }).expect("guests speak");
    assert_eq!(world.act("guest", StaffAct::Close { wrap_up: None }), Err("conversation.not_yours"));
    world.feed(Input::LeaseLost { staff: &"owner".into() }, DUTY);
    assert!(matches!(&world.state.stage, Stage::Human { staff, .. } if staff.as_str() == "guest"));
    assert!(world.state.guests.is_empty());
}

#[test]
fn an_invitation_that_nobody_takes_ends_by_itself() {
    let mut world = World::with_person();
    world.act("owner", StaffAct::Invite { to: Destination::Anybody, note: String::new() }).expect("the owner's");
    world.feed(Input::Assign { staff: &person("owner") }, DUTY);
    assert!(world.state.invite.is_some(), "the owner is no guest of their own");
    world.play(&Move::TimersFire, DUTY);
    assert!(world.state.invite.is_none() && matches!(world.state.stage, Stage::Human { .. }));
}

#[test]
fn a_whisper_lowers_the_hand_and_needs_somebody_to_hear_it() {
    let mut world = World::with_person();
    world.act("owner", StaffAct::RaiseHand { text: "要投诉".to_owned() }).expect("the owner's");
    assert!(world.state.hand.is_some());
    world.act("boss", StaffAct::Whisper { text: "先道歉".to_owned() }).expect("an agent hears it");
    assert!(world.state.hand.is_none());
    assert_eq!(World::new().act("boss", StaffAct::Whisper { text: "在吗".to_owned() }), Err("conversation.nobody"));
}

#[test]
fn a_wrap_up_without_words_closes_nothing() {
    let mut world = World::with_person();
    let close =
        |summary: &str| StaffAct::Close { wrap_up: Some(WrapUp { summary: summary.to_owned(), outcome: Outcome::Solved }) };
    assert_eq!(world.act("owner", close("  ")), Err("text.empty"));
    assert!(world.state.is_open());
    world.act("owner", close("已说明还款日")).expect("the owner's");
    assert!(!world.state.is_open());
}

#[test]
fn coaching_speaks_when_the_mood_turns_and_when_the_same_is_asked_again() {
    let mut world = World::with_person();
    let mood = |anger| Mood { anger, ..Mood::default() };
    let say = |world: &mut World, anger| {
        world.now = world.now.plus_secs(5);
        let needs = vec![NeedGuess { need: NeedId::from("a.low"), confidence: 0.9 }];
        world.say(&Understanding { needs, mood: mood(anger), ..Understanding::default() }, DUTY);
    };
    say(&mut world, 10);
    say(&mut world, 39);
    assert_eq!(assist(&world.state, &world.rules, Lang::ZhCn, world.now).hints, []);
    say(&mut world, 60);
    let hints = assist(&world.state, &world.rules, Lang::ZhCn, world.now).hints;
    let again = Hint::AskedAgain { need: "a.low".into(), title: "a.low".to_owned(), times: 3 };
    assert_eq!(hints, [again, Hint::Angrier { from: 10, to: 60 }, Hint::ManyAtOnce { messages: 3 }]);
    world.act("owner", StaffAct::Say { text: "非常抱歉".to_owned() }).expect("the owner's");
    say(&mut world, 20);
    assert!(assist(&world.state, &world.rules, Lang::ZhCn, world.now).hints.contains(&Hint::Calmer));
    // Sixty seconds without an answer.
    for (secs, slow) in [(59, false), (60, true)] {
        let hints = assist(&world.state, &world.rules, Lang::ZhCn, world.now.plus_secs(secs)).hints;
        assert_eq!(hints.contains(&Hint::Unanswered { secs }), slow, "{secs}");
    }
}

#[test]
fn the_next_action_follows_who_spoke_last_and_who_can_remove_the_cause() {
    let mut world = World::with_person();
    let needs = vec![NeedGuess { need: NeedId::from("a.low"), confidence: 0.9 }];
    world.say(&Understanding { needs, ..Understanding::default() }, DUTY);
    let department = "repayment".to_owned();
    let answer = NextAction::Answer { need: "a.low".into(), title: "a.low".to_owned() };
    assert_eq!(
        assist(&world.state, &world.rules, Lang::ZhCn, world.now).next,
        [answer, NextAction::OpenTicket { department: department.clone() }]
    );
    // Words that nobody understood ask for nothing that was asked before.
    world.say(&Understanding::default(), DUTY);
    assert_eq!(
        assist(&world.state, &world.rules, Lang::ZhCn, world.now).next,
        [NextAction::OpenTicket { department: department.clone() }]
    );
    world.act("owner", StaffAct::Say { text: "已为您核实".to_owned() }).expect("the owner's");
    assert_eq!(
        assist(&world.state, &world.rules, Lang::ZhCn, world.now).next,
        [NextAction::OpenTicket { department }, NextAction::WrapUp]
    );
}

#[test]
fn the_summary_is_in_the_readers_language_and_says_what_was_answered() {
    let mut world = World::with_person();
    let needs = vec![NeedGuess { need: NeedId::from("a.low"), confidence: 0.9 }];
    world.say(&Understanding { needs, mood: Mood { anger: 50, ..Mood::default() }, ..Understanding::default() }, DUTY);
    world.act("owner", StaffAct::Say { text: "已为您核实".to_owned() }).expect("the owner's");
    let lines = |lang| summary(&world.state, &world.rules, lang);
    assert_eq!(lines(Lang::ZhCn), ["需求：a.low", "情绪：生气，先安抚再解释", "客户原话：说", "坐席答复：已为您核实"]);
    assert_eq!(
        lines(Lang::En),
        ["Needs: a.low", "Mood: angry; calm first, explain after", "In the customer's words: 说", "Answered: 已为您核实"]
    );
}

#[test]
fn another_page_is_news_and_so_is_a_long_stay() {
    let doing = |page: &str, dwell_secs| Doing { page: page.to_owned(), title: String::new(), dwell_secs };
    let before = doing("repay", 10);
    assert!(doing("repay", 10).is_news(None));
    for (now, news) in [(doing("repay", 69), false), (doing("repay", 70), true), (doing("bills", 0), true)] {
        assert_eq!(now.is_news(Some(&before)), news, "{now:?}");
    }
}
