//! Sentence encoders of the configuration: the model file of `jieti train`, a folder's, a server's. Owns the bridge to the
//! server's client, and what is told when an encoder stops answering and answers again.

use crate::config::{Config, EncoderConfig};
use anyhow::Context;
use jieti_domain::understanding::Lang;
use jieti_encoders::kept::Kept;
use jieti_encoders::onnx::OnnxEncoder;
use jieti_engine::Engine;
use jieti_language::encoder::Encoder;
use jieti_language::encoder::file::fingerprint;
use jieti_language::encoder::sentence::{EncodeError, Encoders, Masked, Nature, Patience, Remembered, SentenceEncoder, checked};
use jieti_providers::embedding::{Embedder, EmbeddingSettings};
use jieti_store::VectorFile;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Nothing is sent for so long after failures in a row.
const REST: Duration = Duration::from_secs(30);
/// For one batch while a model is trained.
const TRAINING: Duration = Duration::from_secs(60);
/// Tries to take an encoder up come so far apart at first, and twice as far each time, up to the longest.
const FIRST_TRY: Duration = Duration::from_secs(5);
const LONGEST_TRY: Duration = Duration::from_secs(300);

/// Everything that the configuration names. Files are read; no server is asked yet.
///
/// # Errors
/// What is wrong, in which file or address, and the mend.
pub fn encoders(config: &Config) -> anyhow::Result<Encoders> {
    let mut encoders = Encoders::default();
    if let Some(own) = model(&config.model)? {
        encoders = encoders.with(own);
    }
    let EncoderConfig { folder, url, langs, layers, kept, .. } = &config.encoder;
    let kept = (!kept.is_empty()).then(|| Path::new(kept));
    if !folder.is_empty() {
        encoders = encoders.with(in_folder(Path::new(folder), langs.clone(), layers, kept)?);
    }
    if !url.is_empty() {
        encoders = encoders.with(behind_address(&config.encoder, kept)?);
    }
    Ok(encoders)
}

/// The encoder in a model file; nothing where none is named.
///
/// # Errors
/// Where the file cannot be read, or is damaged, cut off or of another version.
fn model(path: &str) -> anyhow::Result<Option<Arc<Encoder>>> {
    if path.is_empty() {
        return Ok(None);
    }
    let bytes = std::fs::read(path).with_context(|| format!("model = {path}"))?;
    let encoder = Encoder::from_bytes(&bytes).with_context(|| format!("model = {path}"))?;
    tracing::info!(path, fingerprint = fingerprint(&bytes), "model read");
    Ok(Some(Arc::new(encoder)))
}

/// The encoder of a folder, with the detail of some layers; what it gives is `kept` in that file.
///
/// # Errors
/// What is missing or wrong in the folder, and the mend.
pub fn in_folder(
    folder: &Path,
    langs: BTreeSet<Lang>,
    layers: &BTreeSet<usize>,
    kept: Option<&Path>,
) -> anyhow::Result<Arc<dyn SentenceEncoder>> {
    let encoder = OnnxEncoder::open(folder, langs, layers).with_context(|| format!("encoder.folder = {}", folder.display()))?;
    let fingerprint = encoder.fingerprint().to_owned();
    Ok(remembered(encoder, fingerprint, kept))
}

/// An encoder behind an address; what it gives is `kept` in that file.
///
/// # Errors
/// Where the address is none.
pub fn behind_address(config: &EncoderConfig, kept: Option<&Path>) -> anyhow::Result<Arc<dyn SentenceEncoder>> {
    Ok(remembered(Server::new(config)?, format!("{} {}", config.url, config.model), kept))
}

/// Without the file it works as well, only slower: one that cannot be used is told and keeps nobody from starting.
fn remembered(encoder: impl SentenceEncoder + 'static, fingerprint: String, kept: Option<&Path>) -> Arc<dyn SentenceEncoder> {
    let watched = Watched::new(encoder);
    let Some(path) = kept else { return Arc::new(Remembered::new(Arc::new(watched))) };
    if let Some(folder) = path.parent() {
        // Where it cannot be made, the file cannot be opened either, and that is told.
        let _ = std::fs::create_dir_all(folder);
    }
    match VectorFile::open(path) {
        Ok(file) => Arc::new(Remembered::new(Arc::new(Kept::new(watched, fingerprint, file)))),
        Err(error) => {
            tracing::error!(%error, "encoder.kept" = %path.display(), "vectors of the knowledge are not kept");
            Arc::new(Remembered::new(Arc::new(watched)))
        }
    }
}

/// Takes up encoders that must be asked, however often it needs to try; until then messages are read without them.
pub async fn take_up(encoders: Encoders, engine: Engine) {
    let mut wait = FIRST_TRY;
    while let Err(error) = engine.use_encoders(encoders.clone()).await {
        tracing::warn!(%error, next_try_secs = wait.as_secs(), "messages are read without the sentence encoder for now");
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_TRY);
    }
    tracing::info!("messages are read with the sentence encoder");
}

/// Tells when an encoder stops answering customers' messages, and when it answers again; counts what was read without it.
#[derive(Debug)]
struct Watched<E> {
    encoder: E,
    /// Since it last answered.
    missed: AtomicU64,
}

impl<E> Watched<E> {
    fn new(encoder: E) -> Self {
        Self { encoder, missed: AtomicU64::new(0) }
    }
}

impl<E: SentenceEncoder> SentenceEncoder for Watched<E> {
    fn knows(&self, lang: Lang) -> bool {
        self.encoder.knows(lang)
    }

    fn nature(&self) -> Nature {
        self.encoder.nature()
    }

    fn detail(&self) -> usize {
        self.encoder.detail()
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let encoded = self.encoder.encode(texts, patience);
        match (&encoded, patience) {
            (Ok(_), _) => {
                let messages = self.missed.swap(0, Ordering::Relaxed);
                if messages > 0 {
                    tracing::info!(
                        messages,
                        "the sentence encoder answers again; so many messages were read by their words alone"
                    );
                }
            }
            (Err(error), Patience::Customer) => {
                if self.missed.fetch_add(1, Ordering::Relaxed) == 0 {
                    tracing::warn!(%error, "messages are read by their words alone until it answers");
                }
            }
            // The caller tells it: the training fails.
            (Err(_), Patience::Training) => {}
        }
        encoded
    }
}

/// A server's encoder. Questions are put on threads of its own, so that any thread may wait for the answer.
struct Server {
    shown: String,
    langs: BTreeSet<Lang>,
    embedder: Arc<Embedder>,
    timeout: Duration,
    /// `None` only while it is dropped.
    threads: Option<Runtime>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("url", &self.shown).field("langs", &self.langs).finish_non_exhaustive()
    }
}

impl Server {
    fn new(config: &EncoderConfig) -> anyhow::Result<Self> {
        let settings = EmbeddingSettings {
            base_url: config.url.clone(),
            api_key: config.key.clone(),
            model: config.model.clone(),
            rest: REST,
        };
        let embedder = Embedder::new(&settings).context("encoder.url")?;
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("embeddings")
            .enable_all()
            .build()
            .context("encoder.url: one more thread")?;
        Ok(Self {
            shown: format!("{} ({})", config.url, config.model),
            langs: config.langs.clone(),
            embedder: Arc::new(embedder),
            timeout: Duration::from_millis(config.timeout_ms),
            threads: Some(threads),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The last owner may be a thread that must not wait.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl SentenceEncoder for Server {
    fn knows(&self, lang: Lang) -> bool {
        self.langs.contains(&lang)
    }

    fn nature(&self) -> Nature {
        Nature::Asked
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let failed = |detail: String| EncodeError { encoder: self.shown.clone(), detail };
        let stopped = || failed("its threads have stopped; start the service again".to_owned());
        let shown: Vec<String> = texts.iter().map(|text| text.as_str().to_owned()).collect();
        let timeout = if patience == Patience::Customer { self.timeout } else { TRAINING };
        let (tell, heard) = mpsc::sync_channel(1);
        let embedder = Arc::clone(&self.embedder);
        let question = async move {
            // Nobody hears it where the one who asked is gone.
            let _ = tell.send(embedder.embed(&shown, timeout).await);
        };
        self.threads.as_ref().ok_or_else(stopped)?.spawn(question);
        let vectors = heard.recv().map_err(|_| stopped())?.map_err(|e| failed(e.to_string()))?;
        checked(vectors, texts.len()).map_err(failed)
    }
}
