//! What a folder holds of an encoder: a model in ONNX or a BERT in safetensors, its tokenizer, how it pools. Owns the names of the
//! files, what their settings mean, and what is wrong with them; runs nothing.

use crate::bert::{self, BertConfig, BertError};
use jieti_language::encoder::file::fingerprint;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::Path;
use thiserror::Error;
use tokenizers::{Tokenizer, TruncationParams};

const ONNX: &str = "model.onnx";
const SAFETENSORS: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";
const MODULES: &str = "modules.json";
const POOLING: &str = "1_Pooling/config.json";
/// A customer's message is rarely longer, and the time grows with the square of it.
const TOKENS: usize = 128;

/// Why a folder has no encoder that can be used.
#[derive(Debug, Error)]
pub enum FolderError {
    #[error(
        "{file} cannot be read: {detail}; the folder must hold {ONNX}, or {SAFETENSORS} with {CONFIG}, and {TOKENIZER} beside either"
    )]
    Missing { file: String, detail: String },
    #[error("{file} is no model that can be run: {detail}; export it again, or copy it again where it was cut off")]
    Model { file: String, detail: String },
    #[error("{file} is no BERT that can be run: {why}; copy it again where it was cut off, or export the model as ONNX")]
    Bert { file: String, why: BertError },
    #[error("{file} is no tokenizer: {detail}; take the one that belongs to the model")]
    Tokenizer { file: String, detail: String },
    #[error("{file} cannot be read: {detail}; take the one of the model")]
    Settings { file: String, detail: String },
    #[error("{file} pools by {mode}; only the mean of the tokens and the first token are known")]
    Mode { file: String, mode: String },
    #[error("{file} is followed by a {module} in the folder's {MODULES}, which is not known here; export the whole as ONNX")]
    Module { file: String, module: String },
    #[error("{file} has the inputs {found}; it must have input_ids and attention_mask, and may have token_type_ids")]
    Inputs { file: String, found: String },
    #[error("{file} has no output with a vector for each token or text ({found}); export it as a feature extractor")]
    Outputs { file: String, found: String },
    #[error(
        "{file} shows no layer {layer}; its layers must be named as Hugging Face's tools name those of a BERT. Take it out of layers"
    )]
    Layer { file: String, layer: usize },
    #[error("{file} gives vectors of {found} numbers and its folder says {expected}; model and pooling do not belong together")]
    Width { file: String, found: usize, expected: usize },
}

/// How the tokens become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    Mean,
    First,
    /// The model has done it.
    Done,
}

/// An encoder as its folder describes it.
#[derive(Debug)]
pub struct Folder {
    /// The file that the model was read from.
    pub file: String,
    /// In ONNX.
    pub model: Vec<u8>,
    pub tokenizer: Tokenizer,
    pub pooling: Pooling,
    /// Numbers of a vector, where the folder says so.
    pub width: Option<usize>,
    /// The first step after the model that is not known here.
    pub module: Option<String>,
    /// The same for the same contents.
    pub fingerprint: String,
}

/// Source: sentence-transformers, `modules/pooling.py`; formerly a flag for each mode.
#[derive(Deserialize)]
struct PoolingConfig {
    #[serde(alias = "word_embedding_dimension")]
    embedding_dimension: Option<usize>,
    pooling_mode: Option<Modes>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Modes {
    One(String),
    Several(Vec<String>),
}

/// Source: sentence-transformers, `modules.json`.
#[derive(Deserialize)]
struct Module {
    r#type: String,
}

impl Folder {
    /// # Errors
    /// What is missing or wrong, in which file, and the mend.
    pub fn read(folder: &Path) -> Result<Self, FolderError> {
        let shown = |name: &str| folder.join(name).display().to_string();
        let in_onnx = folder.join(ONNX).exists() || !folder.join(SAFETENSORS).exists();
        let file = shown(if in_onnx { ONNX } else { SAFETENSORS });
        let (pooling, width) = pooling(folder)?;
        let (tokenizer, of_tokenizer) = tokenizer(folder)?;
        let (model, of_model) = if in_onnx {
            let model = read(folder, ONNX)?;
            let of_model = fingerprint(&model);
            (model, of_model)
        } else {
            safetensors(folder)?
        };
        let fingerprint = format!("{of_model} {pooling:?} {of_tokenizer}");
        Ok(Self { file, model, tokenizer, pooling, width, module: module(folder)?, fingerprint })
    }
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, FolderError> {
    let path = folder.join(name);
    std::fs::read(&path).map_err(|e| FolderError::Missing { file: path.display().to_string(), detail: e.to_string() })
}

fn settings<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, FolderError> {
    settings_in(&read(folder, name)?, folder, name)
}

fn settings_in<T: DeserializeOwned>(bytes: &[u8], folder: &Path, name: &str) -> Result<T, FolderError> {
    let file = || folder.join(name).display().to_string();
    serde_json::from_slice(bytes).map_err(|e| FolderError::Settings { file: file(), detail: e.to_string() })
}

/// A BERT as ONNX, with the fingerprint of what it was written in.
fn safetensors(folder: &Path) -> Result<(Vec<u8>, String), FolderError> {
    let file = || folder.join(SAFETENSORS).display().to_string();
    let written = read(folder, CONFIG)?;
    let config: BertConfig = settings_in(&written, folder, CONFIG)?;
    let weights = read(folder, SAFETENSORS)?;
    let graph = bert::graph(&config, &weights, TOKENS).map_err(|why| FolderError::Bert { file: file(), why })?;
    let fingerprint = format!("{} {}", fingerprint(&weights), fingerprint(&written));
    // Not three times in memory.
    drop(weights);
    let model = graph.write_buf().map_err(|e| FolderError::Model { file: file(), detail: e.to_string() })?;
    Ok((model, fingerprint))
}

fn tokenizer(folder: &Path) -> Result<(Tokenizer, String), FolderError> {
    let wrong = |detail: String| FolderError::Tokenizer { file: folder.join(TOKENIZER).display().to_string(), detail };
    let bytes = read(folder, TOKENIZER)?;
    let mut tokenizer = Tokenizer::from_bytes(&bytes).map_err(|e| wrong(e.to_string()))?;
    let truncation = TruncationParams { max_length: TOKENS, ..TruncationParams::default() };
    // Padding is made here, to the longest of a batch.
    tokenizer.with_padding(None).with_truncation(Some(truncation)).map_err(|e| wrong(e.to_string()))?;
    Ok((tokenizer, fingerprint(&bytes)))
}

/// How to pool and how wide vectors are, as far as the folder says so.
fn pooling(folder: &Path) -> Result<(Pooling, Option<usize>), FolderError> {
    if !folder.join(POOLING).exists() {
        return Ok((Pooling::Mean, None));
    }
    let PoolingConfig { embedding_dimension, pooling_mode, others } = settings(folder, POOLING)?;
    let flags = others.iter().filter(|(_, value)| **value == Value::Bool(true));
    let modes = match pooling_mode {
        Some(Modes::One(mode)) => vec![mode],
        Some(Modes::Several(modes)) => modes,
        None => flags.filter_map(|(name, _)| name.strip_prefix("pooling_mode_").map(str::to_owned)).collect(),
    };
    let pooling = match modes.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] | ["mean" | "mean_tokens"] => Pooling::Mean,
        ["cls" | "cls_token"] => Pooling::First,
        _ => {
            let file = folder.join(POOLING).display().to_string();
            return Err(FolderError::Mode { file, mode: modes.join(" and ") });
        }
    };
    Ok((pooling, embedding_dimension))
}

fn module(folder: &Path) -> Result<Option<String>, FolderError> {
    if !folder.join(MODULES).exists() {
        return Ok(None);
    }
    let modules: Vec<Module> = settings(folder, MODULES)?;
    let mut names = modules.iter().map(|module| module.r#type.rsplit('.').next().unwrap_or_default());
    Ok(names.find(|name| !["Transformer", "Pooling", "Normalize"].contains(name)).map(str::to_owned))
}
