//! The words that text fields may hold, as schemas: strings in the code, closed lists for the generated client.

use utoipa::ToSchema;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($word:ident),+ })+) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[schema(rename_all = "snake_case")]
        #[expect(dead_code, reason = "only the API's document needs it")]
        pub enum $name { $($word),+ }
    )+};
}

words! {
    Role { Agent, SilentSeat, Supervisor, Inspector, KnowledgeEditor, Owner, Admin }
    StageKind { Bot, Draft, Waiting, Human, Closed }
    TurnAuthor { Customer, Bot, Agent }
    DraftReason { HalfSure, Risky, Written }
    DraftOutcome { Sent, Edited, Vetoed, TakenOver, AskedBack, Expired, Withdrawn }
    InviteState { Open, TakenBack, Expired }
    ReleaseReason { HandedBack, Transferred, LeaseLost }
    FlowState { Started, Paused, Resumed, Solved, Unsolved, Cancelled, Handoff, NoAnswer, Unknown }
    CaseState { Open, Accepted, Fixing, Fixed, Proved, Reopened, Declined }
    CaseEventKind { Opened, Accepted, Fixing, Fixed, Proved, Reopened, Declined, Noted }
    /// What decided on a cause.
    DecidedBy { Rule, Entry, Model, Person, Nobody }
    TicketState { Open, Resolved, Withdrawn, Merged }
    /// Who found it.
    FindingSource { Machine, Reviewer }
    /// `changed`: a draft waits. `new`: never published.
    EntryState { Published, Changed, New }
    StepKind { Say, Ask, Choose, Confirm, Call, When, End }
    ModelActKind { Trained, Promoted, RolledBack }
    StoreKind { Sqlite, Postgres }
}
