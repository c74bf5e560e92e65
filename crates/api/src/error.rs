//! The one place that maps errors to HTTP: a status, a stable code, and a sentence with what, which and the mend.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jieti_domain::attribution::CaseRefusal;
use jieti_domain::conversation::Refusal;
use jieti_domain::id::NeedId;
use jieti_domain::lender::LenderError;
use jieti_domain::ticket::TicketRefusal;
use jieti_engine::{
    CauseError, GateLine, GuidanceError, ImportError, InspectionError, KnowledgeError, ReceiveError, ScorecardError, StaffError,
    TicketError,
};
use jieti_store::{ReadError, WriteError};
use serde::Serialize;
use utoipa::ToSchema;

/// What every failed call answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ErrorBody {
    /// Stable, for programs: `conversation.closed`.
    pub code: String,
    /// For people: what, which and the mend.
    pub message: String,
    /// Every problem, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

#[derive(Debug)]
pub struct ApiError {
    pub status: StatusCode,
    pub body: ErrorBody,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, body: ErrorBody { code: code.to_owned(), message: message.into(), problems: Vec::new() } }
    }

    pub fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn unauthorized(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status.is_server_error() {
            tracing::error!(code = self.body.code, message = self.body.message, "request failed");
        }
        (self.status, Json(self.body)).into_response()
    }
}

pub async fn no_such_page(uri: Uri) -> ApiError {
    ApiError::not_found("path.unknown", format!("nothing is at {}; the API is described at /api/openapi.json", uri.path()))
}

pub async fn wrong_method(method: axum::http::Method, uri: Uri) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method.unknown",
        format!("{method} is not possible at {}; the API is described at /api/openapi.json", uri.path()),
    )
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection {
            JsonRejection::JsonSyntaxError(_) => "body.not_json",
            JsonRejection::JsonDataError(_) => "body.wrong_shape",
            JsonRejection::MissingJsonContentType(_) => "body.not_json",
            _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => "body.too_large",
            _ => "body.unreadable",
        };
        Self::new(rejection.status(), code, rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "query.wrong_shape", rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "path.wrong_shape", rejection.body_text())
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let (status, code) = match error {
            WriteError::Conflict => (StatusCode::CONFLICT, "store.conflict"),
            WriteError::Full => (StatusCode::INSUFFICIENT_STORAGE, "store.full"),
            WriteError::Broken { .. } => (StatusCode::SERVICE_UNAVAILABLE, "store.broken"),
        };
        Self::new(status, code, error.to_string())
    }
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store.broken", error.to_string())
    }
}

impl From<GuidanceError> for ApiError {
    fn from(error: GuidanceError) -> Self {
        let message = error.to_string();
        match error {
            GuidanceError::NotYours(_) => Self::not_found("guidance.unknown", message),
            GuidanceError::Wrong { problems } => {
                let mut refused = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "trigger.invalid", message);
                refused.body.problems = problems;
                refused
            }
            GuidanceError::Stale { .. } => Self::new(StatusCode::CONFLICT, "trigger.stale", message),
            GuidanceError::Write(error) => error.into(),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NotPast { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "import.not_past", error.to_string()),
            ImportError::Read(error) => error.into(),
            ImportError::Write(error) => error.into(),
        }
    }
}

impl From<ReceiveError> for ApiError {
    fn from(error: ReceiveError) -> Self {
        match error {
            ReceiveError::Empty => Self::bad_request("message.empty", error.to_string()),
            ReceiveError::TooLong { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "message.too_long", error.to_string()),
            ReceiveError::Write(error) => error.into(),
            ReceiveError::Read(error) => error.into(),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::Ticket(refusal) => return refusal.into(),
            Refusal::Empty | Refusal::Figures { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Refusal::Closed
            | Refusal::DraftSettled { .. }
            | Refusal::DraftHeld { .. }
            | Refusal::NotYours { .. }
            | Refusal::TakenFirst { .. }
            | Refusal::AlreadyHere { .. }
            | Refusal::InviteOpen
            | Refusal::NoInvite
            | Refusal::NobodyToHear => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<TicketRefusal> for ApiError {
    fn from(refusal: TicketRefusal) -> Self {
        let status = match refusal {
            TicketRefusal::Empty { .. } | TicketRefusal::Unknown { .. } | TicketRefusal::Score { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            TicketRefusal::ConflictOfInterest { .. } | TicketRefusal::SamePerson { .. } => StatusCode::FORBIDDEN,
            TicketRefusal::Finished { .. }
            | TicketRefusal::Merged { .. }
            | TicketRefusal::Paused { .. }
            | TicketRefusal::NotPaused { .. }
            | TicketRefusal::NoComplaint { .. }
            | TicketRefusal::TooLate { .. }
            | TicketRefusal::Extension { .. }
            | TicketRefusal::ReopenTooLate { .. }
            | TicketRefusal::StillOpen { .. }
            | TicketRefusal::Pair { .. } => StatusCode::CONFLICT,
        };
        Self::new(status, refusal.code(), refusal.to_string())
    }
}

impl From<TicketError> for ApiError {
    fn from(error: TicketError) -> Self {
        match error {
            TicketError::NotFound(_) => Self::not_found("ticket.unknown", error.to_string()),
            TicketError::Changed { .. } => Self::new(StatusCode::CONFLICT, "ticket.changed", error.to_string()),
            TicketError::Refused(refusal) => refusal.into(),
            TicketError::Write(error) => error.into(),
            TicketError::Read(error) => error.into(),
        }
    }
}

impl From<StaffError> for ApiError {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::NotFound(_) => Self::not_found("conversation.unknown", error.to_string()),
            StaffError::Refused(refusal) => refusal.into(),
            StaffError::Write(error) => error.into(),
            StaffError::Read(error) => error.into(),
        }
    }
}

/// One question that would break, for a person.
fn broken(line: &GateLine) -> String {
    let name = |need: &Option<NeedId>| need.as_ref().map_or("–", NeedId::as_str).to_owned();
    format!("{} · {} → {}", line.text, name(&line.before), name(&line.after))
}

impl From<KnowledgeError> for ApiError {
    fn from(error: KnowledgeError) -> Self {
        match error {
            KnowledgeError::Problems { problems } => Self {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                body: ErrorBody {
                    code: "knowledge.problems".to_owned(),
                    message: format!(
                        "nothing was published: {} problems, listed under problems; mend them and publish again",
                        problems.len()
                    ),
                    problems,
                },
            },
            KnowledgeError::Gate { report } => Self {
                status: StatusCode::CONFLICT,
                body: ErrorBody {
                    code: "knowledge.gate".to_owned(),
                    message: format!(
                        "nothing was published: {} questions would break and {} be mended, listed under problems; mend the change, or \
                         let an owner publish it with a reason",
                        report.broken.len(),
                        report.mended.len()
                    ),
                    problems: report.broken.iter().map(broken).collect(),
                },
            },
            KnowledgeError::NoConflict { .. } => Self::not_found("conflict.unknown", error.to_string()),
            KnowledgeError::NoGroup { .. } => Self::not_found("inbox.unknown", error.to_string()),
            KnowledgeError::NoLesson { .. } => Self::not_found("lesson.unknown", error.to_string()),
            KnowledgeError::NoMend { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "conflict.mend", error.to_string()),
            KnowledgeError::UnknownNeed { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "entry.unknown", error.to_string()),
            KnowledgeError::Training => Self::new(StatusCode::CONFLICT, "model.training", error.to_string()),
            KnowledgeError::NothingToLearn => Self::new(StatusCode::CONFLICT, "model.nothing_to_learn", error.to_string()),
            KnowledgeError::NoShadow => Self::new(StatusCode::CONFLICT, "model.no_shadow", error.to_string()),
            KnowledgeError::NoEarlierModel => Self::new(StatusCode::CONFLICT, "model.no_earlier", error.to_string()),
            KnowledgeError::NotBetter { .. } => Self::new(StatusCode::CONFLICT, "model.not_better", error.to_string()),
            KnowledgeError::NoVersion { .. } => Self::not_found("knowledge.no_version", error.to_string()),
            KnowledgeError::NoDraft { .. } => Self::not_found("knowledge.no_draft", error.to_string()),
            KnowledgeError::Encode(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "model.no_vectors", error.to_string()),
            KnowledgeError::Read(error) => error.into(),
            KnowledgeError::Write(error) => error.into(),
        }
    }
}

impl From<InspectionError> for ApiError {
    fn from(error: InspectionError) -> Self {
        let message = error.to_string();
        match error {
            InspectionError::NotInspected(_) => Self::not_found("inspection.unknown", message),
            InspectionError::NoFinding(_) => Self::not_found("finding.unknown", message),
            InspectionError::NoRule(_) => Self::not_found("rule.unknown", message),
            InspectionError::NoEvent { .. } => Self::not_found("event.unknown", message),
            InspectionError::Empty { .. } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "text.empty", message),
            InspectionError::OwnConversation => Self::new(StatusCode::FORBIDDEN, "inspection.own", message),
            InspectionError::Refused(refused) => Self::new(StatusCode::CONFLICT, refused.code(), message),
            InspectionError::Read(error) => error.into(),
            InspectionError::Write(error) => error.into(),
        }
    }
}

impl From<CauseError> for ApiError {
    fn from(error: CauseError) -> Self {
        let message = error.to_string();
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message.clone());
        match error {
            CauseError::NotFound { .. } => Self::not_found("problem.unknown", message),
            CauseError::UnknownOwner(_) => unprocessable("department.unknown"),
            CauseError::Empty { .. } => unprocessable("text.empty"),
            CauseError::Target { .. } => unprocessable("case.target"),
            CauseError::Content { .. } => unprocessable("proposal.content"),
            CauseError::Changed { .. } => Self::new(StatusCode::CONFLICT, "case.changed", message),
            CauseError::Refused(CaseRefusal::State { .. }) => Self::new(StatusCode::CONFLICT, "case.state", message),
            CauseError::Refused(refusal) => unprocessable(refusal.code()),
            CauseError::Read(error) => error.into(),
            CauseError::Write(error) => error.into(),
        }
    }
}

impl From<ScorecardError> for ApiError {
    fn from(error: ScorecardError) -> Self {
        match error {
            ScorecardError::Problems { problems } => Self {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                body: ErrorBody {
                    code: "scorecard.problems".to_owned(),
                    message: format!(
                        "the scorecard was refused and the one in use goes on: {} problems, listed under problems; mend them",
                        problems.len()
                    ),
                    problems,
                },
            },
            ScorecardError::Read(error) => error.into(),
            ScorecardError::Write(error) => error.into(),
        }
    }
}

impl From<LenderError> for ApiError {
    fn from(error: LenderError) -> Self {
        let (status, code) = match error {
            LenderError::Unreachable { .. } => (StatusCode::BAD_GATEWAY, "lender.unreachable"),
            LenderError::Nonsense { .. } => (StatusCode::BAD_GATEWAY, "lender.nonsense"),
            LenderError::Refused { .. } => (StatusCode::NOT_FOUND, "lender.refused"),
        };
        Self::new(status, code, format!("{error}; the conversation itself is not affected"))
    }
}
