//! Conflicts of knowledge as editors see them: drafts included, what was left as it is left out, mends as drafts.

use super::{KnowledgeError, with_entries};
use crate::Engine;
use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Conflict, Knowledge, Mend, conflicts, mended};
use std::collections::BTreeSet;

/// A conflict with the mends that fit.
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictView {
    pub conflict: Conflict,
    pub mends: Vec<Mend>,
}

impl Engine {
    /// Every conflict in what is published with every draft in it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn conflicts(&self) -> Result<Vec<ConflictView>, KnowledgeError> {
        let left: BTreeSet<String> = self.0.store.conflicts_left().await?.into_iter().collect();
        let knowledge = self.with_drafts().await?;
        let work = tokio::task::spawn_blocking(move || conflicts(&knowledge));
        let found = work.await.expect("comparing texts does not panic");
        let open = found.into_iter().filter(|c| !left.contains(&c.id));
        Ok(open.map(|conflict| ConflictView { mends: conflict.kind.mends().to_vec(), conflict }).collect())
    }

    async fn with_drafts(&self) -> Result<Knowledge, KnowledgeError> {
        Ok(with_entries(&self.brain().rules.knowledge, &self.draft_entries().await?).0)
    }

    /// Mends a conflict; what changes becomes drafts. Gives the entries that have one now.
    ///
    /// # Errors
    /// `NoConflict` where it is gone, `NoMend` where that does not mend it.
    pub async fn mend_conflict(&self, id: &str, mend: Mend, author: &str) -> Result<Vec<NeedId>, KnowledgeError> {
        let found = self.conflicts().await?.into_iter().find(|c| c.conflict.id == id);
        let found = found.ok_or_else(|| KnowledgeError::NoConflict { id: id.to_owned() })?;
        let changed = mended(&found.conflict.kind, mend, &self.with_drafts().await?);
        let changed = changed.ok_or_else(|| KnowledgeError::NoMend { id: id.to_owned() })?;
        for entry in &changed {
            self.0.store.save_draft(entry, author, self.now()).await?;
        }
        if mend == Mend::Link {
            // Both questions stay: the link is what the editor decided.
            self.0.store.leave_conflict(id, author, self.now()).await?;
        }
        Ok(changed.into_iter().map(|e| e.id).collect())
    }

    /// Leaves a conflict as it is.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub async fn leave_conflict(&self, id: &str, author: &str) -> Result<(), KnowledgeError> {
        Ok(self.0.store.leave_conflict(id, author, self.now()).await?)
    }
}
