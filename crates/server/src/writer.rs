//! The engine's port to a language model, filled by the client in `providers`.

use crate::config::Llm;
use anyhow::Context;
use async_trait::async_trait;
use jieti_domain::writing::{WritingError, WritingRequest};
use jieti_engine::Writer;
use jieti_providers::model::{Model, ModelSettings};
use std::sync::Arc;
use std::time::Duration;

/// A server that says nothing for so long is not waited for.
const SILENCE: Duration = Duration::from_secs(6);
/// Nothing is sent for so long after failures in a row.
const REST: Duration = Duration::from_secs(30);

struct Port(Model);

#[async_trait]
impl Writer for Port {
    async fn write(&self, request: &WritingRequest) -> Result<String, WritingError> {
        let written = self.0.write(request).await;
        if let Err(error) = &written {
            tracing::warn!(%error, "the language model gave no answer; the bot goes on without it");
        }
        written
    }
}

/// The model of the configuration; nothing where none is named.
///
/// # Errors
/// Where the address is none.
pub fn writer(llm: &Llm) -> anyhow::Result<Option<Arc<dyn Writer>>> {
    if llm.url.is_empty() {
        return Ok(None);
    }
    let settings = ModelSettings {
        base_url: llm.url.clone(),
        api_key: llm.key.clone(),
        model: llm.model.clone(),
        timeout: Duration::from_secs(llm.timeout_secs),
        silence: SILENCE,
        rest: REST,
        tokens_a_day: llm.tokens_a_day,
    };
    Ok(Some(Arc::new(Port(Model::new(settings).context("llm.url")?))))
}
