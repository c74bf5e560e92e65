//! The inbox of what nobody had an answer for: gaps of closed conversations, grouped by meaning, each with what could be done.

use super::KnowledgeError;
use crate::Engine;
use crate::converse::ReadOrWrite;
use jieti_domain::attribution::china_day;
use jieti_domain::conversation::StoredEvent;
use jieti_domain::id::{ConversationId, NeedId};
use jieti_domain::knowledge::{
    Cause, CauseKind, Entry, GapWhy, Groups, Member, Proposal, Validity, drafted, has_grown, plain_vector, propose, taught,
    typical_words,
};
use jieti_domain::tier::Risk;
use jieti_domain::time::Timestamp;
use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::{Masked, Patience};
use jieti_language::normalise;
use jieti_store::{GapRow, GroupDecision, GroupEnd, ReadError, TaughtRows};
use std::collections::{BTreeMap, HashMap};

/// Gaps of so many days are looked at.
const LOOK_BACK_DAYS: i64 = 60;
const DAY_MS: i64 = 86_400_000;
/// Messages of a group that are shown.
const SHOWN: usize = 20;
const WORDS: usize = 4;

/// Groups by language; `None` until somebody needs them.
pub(crate) type GapGroups = tokio::sync::Mutex<Option<HashMap<Lang, Groups>>>;

/// Messages that ask about the same, with what could be done.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxGroup {
    pub id: String,
    pub lang: Lang,
    pub messages: usize,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// What most of them share.
    pub words: Vec<String>,
    pub why: BTreeMap<GapWhy, usize>,
    /// The latest, the latest first: conversation, text, what a person answered.
    pub shown: Vec<(ConversationId, String, Option<String>)>,
    pub proposal: Proposal,
}

impl Engine {
    /// Keeps what a closed conversation teaches. Said again, it changes nothing.
    pub(crate) async fn learn_from(&self, id: &ConversationId, events: &[StoredEvent]) -> Result<(), ReadOrWrite> {
        let brain = self.brain();
        let found = taught(events, brain.rules.policy.fair_from);
        let Some(last) = events.last() else { return Ok(()) };
        let mut groups = self.0.gap_groups.lock().await;
        if groups.is_none() {
            *groups = Some(self.restored_groups().await?);
        }
        let by_lang = groups.get_or_insert_default();
        let gaps: Vec<GapRow> = found
            .gaps
            .into_iter()
            .map(|gap| {
                let vector = self.vector(&gap.text, gap.lang);
                let group = by_lang.entry(gap.lang).or_default().join(&vector, &format!("{id}:{}", gap.seq));
                GapRow { conversation: id.clone(), gap, group }
            })
            .collect();
        let rows = TaughtRows {
            conversation: id,
            day: china_day(last.at),
            messages: found.read,
            unsure: found.unsure,
            gaps: &gaps,
            lessons: &found.lessons,
        };
        if let Err(error) = self.0.store.save_taught(&rows).await {
            // What was joined in memory alone must not draw others in.
            *groups = None;
            return Err(error.into());
        }
        Ok(())
    }

    async fn restored_groups(&self) -> Result<HashMap<Lang, Groups>, ReadError> {
        let mut groups: HashMap<Lang, Groups> = HashMap::new();
        for row in self.0.store.gaps(self.looked_back()).await? {
            let vector = self.vector(&row.gap.text, row.gap.lang);
            groups.entry(row.gap.lang).or_default().restore(&row.group, &vector);
        }
        Ok(groups)
    }

    fn looked_back(&self) -> Timestamp {
        Timestamp(self.now().0 - LOOK_BACK_DAYS * DAY_MS)
    }

    /// By meaning where an encoder that need not be asked knows the language, by characters elsewhere: groups must not fall apart
    /// when one does not answer.
    fn vector(&self, text: &str, lang: Lang) -> Vec<f32> {
        let normal = normalise(text);
        let encoder = self.brain().language.encoders().computed().of(lang);
        let encoded = encoder.and_then(|e| e.encode(&[Masked::of(&normal)], Patience::Customer).ok()?.pop());
        encoded.unwrap_or_else(|| plain_vector(&normal))
    }

    /// Groups to look at, the largest first. Dismissed and accepted ones stay away unless they have grown markedly since.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn inbox(&self) -> Result<Vec<InboxGroup>, KnowledgeError> {
        let decided: HashMap<String, GroupDecision> =
            self.0.store.group_decisions().await?.into_iter().map(|d| (d.group.clone(), d)).collect();
        let mut groups: Vec<InboxGroup> = self
            .grouped()
            .await?
            .into_iter()
            .filter(|(id, rows)| {
                decided.get(id).is_none_or(|d| has_grown(usize::try_from(d.messages).unwrap_or(usize::MAX), rows.len()))
            })
            .map(|(id, rows)| inbox_group(id, &rows))
            .collect();
        groups.sort_by(|a, b| b.messages.cmp(&a.messages).then(b.last_at.cmp(&a.last_at)).then_with(|| a.id.cmp(&b.id)));
        Ok(groups)
    }

    async fn grouped(&self) -> Result<BTreeMap<String, Vec<GapRow>>, ReadError> {
        let mut groups: BTreeMap<String, Vec<GapRow>> = BTreeMap::new();
        for row in self.0.store.gaps(self.looked_back()).await? {
            groups.entry(row.group.clone()).or_default().push(row);
        }
        Ok(groups)
    }

    async fn group(&self, id: &str) -> Result<Vec<GapRow>, KnowledgeError> {
        let rows = self.grouped().await?.remove(id);
        rows.ok_or_else(|| KnowledgeError::NoGroup { id: id.to_owned() })
    }

    /// Makes a draft of what a group proposes: lines for the entry named, or a new entry. Gives the entry's id.
    ///
    /// # Errors
    /// `NoGroup` where it does not exist.
    pub async fn accept_group(&self, id: &str, need: Option<NeedId>, author: &str) -> Result<NeedId, KnowledgeError> {
        let rows = self.group(id).await?;
        let proposal = inbox_group(id.to_owned(), &rows).proposal;
        let need = need.or_else(|| proposal.need.clone()).unwrap_or_else(|| new_need(id));
        let knowledge = super::with_entries(&self.brain().rules.knowledge, &self.draft_entries().await?).0;
        let draft = drafted(&proposal, rows[0].gap.lang, &need, &knowledge, blank(&need));
        self.0.store.save_draft(&draft, author, self.now()).await?;
        self.decide_group(id, GroupEnd::Accepted { need: need.clone() }, rows.len(), author).await?;
        Ok(need)
    }

    /// Puts a group away until it has grown markedly.
    ///
    /// # Errors
    /// `NoGroup` where it does not exist.
    pub async fn dismiss_group(&self, id: &str, author: &str) -> Result<(), KnowledgeError> {
        let messages = self.group(id).await?.len();
        self.decide_group(id, GroupEnd::Dismissed, messages, author).await
    }

    async fn decide_group(&self, id: &str, decision: GroupEnd, messages: usize, author: &str) -> Result<(), KnowledgeError> {
        let decided = GroupDecision {
            group: id.to_owned(),
            decision,
            messages: messages as u64,
            author: author.to_owned(),
            at: self.now(),
        };
        Ok(self.0.store.decide_group(&decided).await?)
    }
}

fn inbox_group(id: String, rows: &[GapRow]) -> InboxGroup {
    let members: Vec<Member> = rows
        .iter()
        .map(|row| Member {
            text: row.gap.text.clone(),
            guess: row.gap.guess.as_ref().map(|g| (g.need.clone(), g.confidence)),
            answer: row.gap.answer.clone(),
        })
        .collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.gap.text.as_str()).collect();
    let mut why = BTreeMap::new();
    for row in rows {
        *why.entry(row.gap.why).or_default() += 1;
    }
    let times = || rows.iter().map(|row| row.gap.at);
    InboxGroup {
        id,
        lang: rows.first().map(|row| row.gap.lang).unwrap_or_default(),
        messages: rows.len(),
        first_at: times().min().unwrap_or_default(),
        last_at: times().max().unwrap_or_default(),
        words: typical_words(&texts, WORDS),
        why,
        shown: rows
            .iter()
            .rev()
            .take(SHOWN)
            .map(|row| (row.conversation.clone(), row.gap.text.clone(), row.gap.answer.clone()))
            .collect(),
        proposal: propose(&members),
    }
}

/// An id for a need that an editor will rename: the same for the same group.
fn new_need(group: &str) -> NeedId {
    let hash = group.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    NeedId::new(format!("inbox.q{:08x}", hash >> 32))
}

fn blank(need: &NeedId) -> Entry {
    Entry {
        id: need.clone(),
        stage: need.as_str().split('.').next().unwrap_or_default().to_owned(),
        risk: Risk::Medium,
        cause: Cause { kind: CauseKind::Operation, area: String::new() },
        owner: "customer-service".to_owned(),
        flow: None,
        signed_in: false,
        valid: Validity::ALWAYS,
        audience: jieti_domain::knowledge::Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::new(),
    }
}
