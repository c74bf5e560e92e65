//! Typed identifiers. Owns their names and text form; never makes random ones (the engine does, and passes them in).

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )+};
}

ids! {
    /// One chat of one customer, from opening to close.
    ConversationId,
    /// The lender's own customer number, proven by a signed token; or `visitor:<random>` for an anonymous visitor.
    CustomerId,
    /// The identifier a client gives its own message, so that a repeated send is recognised.
    ClientMessageId,
    /// A person who works at the lender.
    StaffId,
    /// A bot's answer that waits for a silent seat.
    DraftId,
    /// Work that outlives the chat.
    TicketId,
    /// A problem on a department's desk.
    CaseId,
    /// A leaf of the need taxonomy and the knowledge entry that answers it, such as `repayment.due_amount`.
    NeedId,
    /// A self-service flow, such as `early-repayment`.
    FlowId,
    /// A step inside a flow.
    StepId,
    /// A criterion of the scorecard, such as `no-guarantee`.
    RuleId,
    /// A question to the lender that has not been answered yet.
    RequestId,
    /// A way through the app with a purpose, such as `apply`.
    JourneyId,
    /// A step of a journey, such as `id_upload`.
    JourneyStepId,
    /// A trigger of guidance, such as `id-upload-errors`.
    TriggerId,
    /// Something that people can do better or worse, such as `lang.en`, `stage.repayment` or `complaint`.
    SkillId,
}
