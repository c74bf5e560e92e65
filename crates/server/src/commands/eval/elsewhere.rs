//! Encoders from elsewhere, for a measurement.

use crate::config::EncoderConfig;
use crate::meaning;
use clap::Args;
use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::Encoders;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(Args)]
pub struct Elsewhere {
    /// A folder with a sentence encoder (model.onnx, or model.safetensors and config.json of a BERT; tokenizer.json); it stands beside what is trained here.
    #[arg(long)]
    encoder: Option<PathBuf>,
    /// Layers of its model, from 1, whose detail is used as well, such as 4,6.
    #[arg(long, value_delimiter = ',', requires = "encoder")]
    layers: Vec<usize>,
    /// An encoder behind this address, which speaks OpenAI's protocol, such as http://127.0.0.1:8080/v1.
    #[arg(long, value_name = "URL", requires = "embedding_model")]
    embeddings: Option<String>,
    /// Its name there. A key is taken from JIETI_ENCODER__KEY in the environment.
    #[arg(long, value_name = "NAME", requires = "embeddings")]
    embedding_model: Option<String>,
    /// Milliseconds that a question waits for it.
    #[arg(long, default_value_t = 300)]
    embedding_timeout_ms: u64,
}

impl Elsewhere {
    /// # Errors
    /// What is wrong with the encoder, and the mend.
    pub fn open(&self) -> anyhow::Result<Encoders> {
        let both = BTreeSet::from([Lang::ZhCn, Lang::En]);
        let mut encoders = Encoders::default();
        if let Some(folder) = &self.encoder {
            encoders = encoders.with(meaning::in_folder(folder, both, &self.layers.iter().copied().collect(), None)?);
        }
        if let (Some(url), Some(model)) = (&self.embeddings, &self.embedding_model) {
            let config = EncoderConfig {
                url: url.clone(),
                key: std::env::var("JIETI_ENCODER__KEY").unwrap_or_default(),
                model: model.clone(),
                timeout_ms: self.embedding_timeout_ms,
                ..EncoderConfig::default()
            };
            encoders = encoders.with(meaning::behind_address(&config, None)?);
        }
        Ok(encoders)
    }
}
