//! Runs the encoder of a folder, which is ONNX or has been made so: batches, and the way from tokens to one vector.

use crate::folder::{Folder, FolderError, Pooling};
use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder, checked};
use rten::{Dimension, Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokenizers::{Encoding, Tokenizer};

/// Texts that are multiplied together; of about the same length, so that little is spent on padding.
const BATCH: usize = 16;

pub struct OnnxEncoder {
    folder: PathBuf,
    fingerprint: String,
    langs: BTreeSet<Lang>,
    model: Model,
    ids: NodeId,
    mask: NodeId,
    kinds: Option<NodeId>,
    output: NodeId,
    pooling: Pooling,
    /// What the layers give for each token whose detail is wanted.
    layers: Vec<NodeId>,
    /// Numbers of the detail.
    detail: usize,
    tokenizer: Tokenizer,
    /// Training leaves the other cores to customers.
    one_thread: Arc<ThreadPool>,
}

impl fmt::Debug for OnnxEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxEncoder").field("folder", &self.folder).field("langs", &self.langs).finish_non_exhaustive()
    }
}

impl OnnxEncoder {
    /// Reads the folder and tries the encoder on two texts. Of each of the `layers`, counted from 1, its vectors have detail: mean,
    /// maximum and minimum over the tokens.
    ///
    /// # Errors
    /// What is missing or wrong, in which file, and the mend.
    pub fn open(folder: &Path, langs: BTreeSet<Lang>, layers: &BTreeSet<usize>) -> Result<Self, FolderError> {
        let Folder { file, model, tokenizer, pooling, width, module, mut fingerprint } = Folder::read(folder)?;
        if !layers.is_empty() {
            fingerprint.push_str(&format!(" {layers:?}"));
        }
        let damaged = |detail: String| FolderError::Model { file: file.clone(), detail };
        let model = ModelOptions::with_all_ops().prepack_weights(true).load(model).map_err(|e| damaged(e.to_string()))?;
        let names = |ids: &[NodeId]| -> Vec<String> {
            ids.iter()
                .map(|id| model.node_info(*id).and_then(|info| info.name().map(str::to_owned)).unwrap_or_default())
                .collect()
        };
        let inputs = names(model.input_ids());
        let input = |name: &str| inputs.iter().position(|n| n == name).map(|i| model.input_ids()[i]);
        let others = inputs.iter().any(|n| !["input_ids", "attention_mask", "token_type_ids"].contains(&n.as_str()));
        let (Some(ids), Some(mask), false) = (input("input_ids"), input("attention_mask"), others) else {
            return Err(FolderError::Inputs { file, found: inputs.join(", ") });
        };
        let outputs = names(model.output_ids());
        let rank = |id: &NodeId| model.node_info(*id).and_then(|info| info.shape()).map(|shape: Vec<Dimension>| shape.len());
        let output = |wanted: usize| model.output_ids().iter().find(|id| rank(id) == Some(wanted)).copied();
        let named = |name: &str| outputs.iter().position(|n| n == name).map(|i| model.output_ids()[i]);
        let (output, pooling) = match (named("sentence_embedding"), output(3), module) {
            (Some(whole), ..) => (whole, Pooling::Done),
            (None, Some(tokens), None) => (tokens, pooling),
            (None, Some(_), Some(module)) => return Err(FolderError::Module { file, module }),
            (None, None, _) => return Err(FolderError::Outputs { file, found: outputs.join(", ") }),
        };
        let of_layer = |&layer: &usize| {
            // What the last layer gives has the name of the output, where the model has not pooled it.
            let is_last = pooling != Pooling::Done && layer > 1 && layer_output(&model, layer - 1).is_some();
            let named = layer_output(&model, layer).or_else(|| is_last.then_some(output));
            named.ok_or_else(|| FolderError::Layer { file: file.clone(), layer })
        };
        let layers: Vec<NodeId> = layers.iter().map(of_layer).collect::<Result<_, _>>()?;
        let kinds = input("token_type_ids");
        let one_thread = Arc::new(ThreadPool::with_num_threads(1));
        let folder = folder.to_owned();
        let mut encoder = Self {
            folder,
            fingerprint,
            langs,
            model,
            ids,
            mask,
            kinds,
            output,
            pooling,
            layers,
            detail: 0,
            tokenizer,
            one_thread,
        };
        let tried = ["a", "how much is it"].map(Masked::of);
        let read = tried.each_ref().map(|text| encoder.tokenizer.encode_fast(text.as_str(), true));
        let read: Vec<Encoding> = read.into_iter().collect::<Result<_, _>>().map_err(|e| damaged(e.to_string()))?;
        let told = encoder.run(&read.iter().collect::<Vec<_>>(), Patience::Customer).map_err(damaged)?;
        encoder.detail = told.details[0].len();
        let compared = checked(told.vectors, tried.len()).map_err(damaged)?[0].len();
        match width {
            Some(expected) if compared != expected => Err(FolderError::Width { file, found: compared, expected }),
            Some(_) | None => Ok(encoder),
        }
    }

    /// The same for the same model, tokenizer and pooling, wherever they lie.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn run(&self, read: &[&Encoding], patience: Patience) -> Result<Told, String> {
        let (texts, tokens) = (read.len(), read.iter().map(|e| e.len()).max().unwrap_or(0));
        let padded = |of: fn(&Encoding) -> &[u32]| {
            let mut padded = vec![0_i32; texts * tokens];
            for (row, encoding) in padded.chunks_exact_mut(tokens.max(1)).zip(read) {
                row.iter_mut().zip(of(encoding)).for_each(|(to, from)| *to = i32::try_from(*from).unwrap_or(i32::MAX));
            }
            Value::from_shape([texts, tokens], padded).map_err(|e| e.to_string())
        };
        let mut inputs =
            vec![(self.ids, padded(Encoding::get_ids)?.into()), (self.mask, padded(Encoding::get_attention_mask)?.into())];
        if let Some(kinds) = self.kinds {
            inputs.push((kinds, padded(Encoding::get_type_ids)?.into()));
        }
        let mut options = RunOptions::default();
        if patience == Patience::Training {
            options.thread_pool = Some(Arc::clone(&self.one_thread));
        }
        let others = self.layers.iter().copied().filter(|layer| *layer != self.output);
        let wanted: Vec<NodeId> = std::iter::once(self.output).chain(others).collect();
        let mut outputs = self.model.run(inputs, &wanted, Some(options)).map_err(|e| e.to_string())?.into_iter();
        let output = outputs.next().ok_or("the model has no output")?;
        let mut details = vec![Vec::new(); texts];
        let mut add = |numbers: &[f32], tokens: usize, width: usize| {
            let of_text = numbers.chunks_exact((tokens * width).max(1)).zip(read);
            of_text
                .zip(&mut details)
                .for_each(|((numbers, encoding), detail)| detail.extend(spread(numbers, encoding.len(), width)));
        };
        for layer in outputs {
            let ([_, tokens, width], numbers) = layer.into_shape_vec::<f32, 3>().map_err(|e| e.to_string())?;
            add(&numbers, tokens, width);
        }
        if self.pooling == Pooling::Done {
            let ([_, width], numbers) = output.into_shape_vec::<f32, 2>().map_err(|e| e.to_string())?;
            return Ok(Told { vectors: numbers.chunks_exact(width.max(1)).map(<[f32]>::to_vec).collect(), details });
        }
        let ([_, tokens, width], numbers) = output.into_shape_vec::<f32, 3>().map_err(|e| e.to_string())?;
        // The last layer comes last.
        if self.layers.contains(&self.output) {
            add(&numbers, tokens, width);
        }
        let of_text = numbers.chunks_exact((tokens * width).max(1)).zip(read);
        let vectors = of_text.map(|(numbers, encoding)| self.pooled(numbers, encoding.len(), width)).collect();
        Ok(Told { vectors, details })
    }

    fn pooled(&self, numbers: &[f32], tokens: usize, width: usize) -> Vec<f32> {
        let used = if self.pooling == Pooling::First { 1 } else { tokens };
        let mut sum = vec![0.0; width];
        for token in numbers.chunks_exact(width.max(1)).take(used) {
            sum.iter_mut().zip(token).for_each(|(s, v)| *s += v);
        }
        sum
    }
}

impl SentenceEncoder for OnnxEncoder {
    fn knows(&self, lang: Lang) -> bool {
        self.langs.contains(&lang)
    }

    fn nature(&self) -> Nature {
        Nature::Asked
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let failed = |detail: String| EncodeError { encoder: self.folder.display().to_string(), detail };
        let read = texts.iter().map(|text| self.tokenizer.encode_fast(text.as_str(), true));
        let read: Vec<Encoding> = read.collect::<Result<_, _>>().map_err(|e| failed(e.to_string()))?;
        let mut order: Vec<usize> = (0..read.len()).collect();
        order.sort_by_key(|i| read[*i].len());
        let (mut vectors, mut details) = (vec![Vec::new(); read.len()], vec![Vec::new(); read.len()]);
        for batch in order.chunks(BATCH) {
            let of_batch: Vec<&Encoding> = batch.iter().map(|i| &read[*i]).collect();
            let told = self.run(&of_batch, patience).map_err(failed)?;
            for ((i, vector), detail) in batch.iter().zip(told.vectors).zip(told.details) {
                (vectors[*i], details[*i]) = (vector, detail);
            }
        }
        let mut vectors = checked(vectors, texts.len()).map_err(failed)?;
        vectors.iter_mut().zip(details).for_each(|(vector, detail)| vector.extend(detail));
        Ok(vectors)
    }

    fn detail(&self) -> usize {
        self.detail
    }
}

/// What the model says of some texts.
struct Told {
    vectors: Vec<Vec<f32>>,
    details: Vec<Vec<f32>>,
}

/// Mean, maximum and minimum of each number over the tokens.
fn spread(numbers: &[f32], tokens: usize, width: usize) -> Vec<f32> {
    let mut spread = [vec![0.0; width], vec![f32::NEG_INFINITY; width], vec![f32::INFINITY; width]];
    let [mean, highest, lowest] = &mut spread;
    for token in numbers.chunks_exact(width.max(1)).take(tokens) {
        for (at, number) in token.iter().enumerate() {
            mean[at] += number / tokens as f32;
            highest[at] = highest[at].max(*number);
            lowest[at] = lowest[at].min(*number);
        }
    }
    spread.concat()
}

/// What a layer gives for each token, where it has one of the names that exports of a BERT give it.
fn layer_output(model: &Model, layer: usize) -> Option<NodeId> {
    let number = layer.checked_sub(1)?;
    let norms = ["/LayerNormalization_output_0", "/Add_1_output_0"];
    let prefixes = ["", "/bert", "/model", "/auto_model", "/0/auto_model"];
    let slashed = prefixes
        .iter()
        .flat_map(|prefix| norms.iter().map(move |norm| format!("{prefix}/encoder/layer.{number}/output/LayerNorm{norm}")));
    slashed.chain([format!("encoder.layer.{number}.output.LayerNorm.out")]).find_map(|name| model.find_node(&name))
}
