//! A BERT in safetensors as the ONNX graph that it is: the names and shapes are those that Hugging Face's transformers give weights
//! (`models/bert/modeling_bert.py`, `models/roberta/modeling_roberta.py`). Owns the architecture; runs nothing.

use half::{bf16, f16};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Deserialize;
use std::cell::RefCell;
use thiserror::Error;

/// The first with `Gelu`; https://onnx.ai/onnx/operators.
const OPSET: i64 = 20;
/// What that opset came with.
const IR: i64 = 9;
const OUTPUT: &str = "last_hidden_state";
const WORDS: &str = "embeddings.word_embeddings.weight";
/// Added to the scores of padding before they become shares.
const UNSEEN: f32 = -1e9;

/// Why weights are no BERT that can be run.
#[derive(Debug, Error)]
pub enum BertError {
    #[error("its model_type is {0}; bert, roberta and xlm-roberta are read from safetensors, others as ONNX")]
    Kind(String),
    #[error("{name} is {found}, which is read as ONNX only")]
    Setting { name: &'static str, found: String },
    #[error("{heads} heads cannot share {hidden} numbers")]
    Heads { heads: usize, hidden: usize },
    #[error("the file of weights is damaged or cut off ({0})")]
    Damaged(#[from] SafeTensorError),
    #[error("there is no weight {0}")]
    NoWeight(String),
    #[error("{name} has the shape {found:?}, where config.json wants {expected:?}")]
    Shape { name: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("{name} is of {found:?}; F32, F16 and BF16 are known")]
    Number { name: String, found: Dtype },
}

/// Source: `config.json`, `transformers.BertConfig`.
#[derive(Debug, Deserialize)]
pub struct BertConfig {
    model_type: String,
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    layer_norm_eps: f32,
    hidden_act: String,
    #[serde(default = "absolute")]
    position_embedding_type: String,
    pad_token_id: Option<u32>,
}

fn absolute() -> String {
    "absolute".to_owned()
}

impl BertConfig {
    /// The row of the first token's place.
    fn first_place(&self) -> Result<usize, BertError> {
        match self.model_type.as_str() {
            "bert" => Ok(0),
            // The rows up to the one of padding are of no token: `create_position_ids_from_input_ids`.
            "roberta" | "xlm-roberta" => Ok(self.pad_token_id.unwrap_or(1) as usize + 1),
            other => Err(BertError::Kind(other.to_owned())),
        }
    }

    fn gelu(&self) -> Result<&'static str, BertError> {
        match self.hidden_act.as_str() {
            "gelu" => Ok("none"),
            "gelu_new" | "gelu_pytorch_tanh" => Ok("tanh"),
            other => Err(BertError::Setting { name: "hidden_act", found: other.to_owned() }),
        }
    }
}

/// The model with inputs `input_ids` and `attention_mask` of (texts, tokens) and the output `last_hidden_state` of (texts, tokens,
/// numbers), for texts of at most so many `tokens`.
///
/// # Errors
/// What is missing or of another kind, and the mend.
pub fn graph(config: &BertConfig, weights: &[u8], tokens: usize) -> Result<ModelProto, BertError> {
    let (first_place, gelu) = (config.first_place()?, config.gelu()?);
    if config.position_embedding_type != "absolute" {
        return Err(BertError::Setting { name: "position_embedding_type", found: config.position_embedding_type.clone() });
    }
    let weights = SafeTensors::deserialize(weights)?;
    let prefix = weights.names().into_iter().find_map(|name| name.strip_suffix(WORDS)).map(str::to_owned);
    let prefix = prefix.ok_or_else(|| BertError::NoWeight(WORDS.to_owned()))?;
    let (heads, hidden) = (config.num_attention_heads, config.hidden_size);
    if heads == 0 || !hidden.is_multiple_of(heads) {
        return Err(BertError::Heads { heads, hidden });
    }
    let mut graph = Writer { weights, prefix, config, nodes: Vec::new(), constants: Vec::new() };
    let seen = graph.seen();
    let mut x = graph.embeddings(first_place, tokens)?;
    for layer in 1..=config.num_hidden_layers {
        let name = format!("encoder.layer.{}", layer - 1);
        let gives = if layer == config.num_hidden_layers { OUTPUT.to_owned() } else { format!("{name}.output.LayerNorm.out") };
        x = graph.layer(&name, &x, &seen, gelu, &gives)?;
    }
    let shape = |last: Option<usize>| {
        let named = |name: &str| Dimension { dim_param: Some(name.to_owned()), ..Dimension::default() };
        let width = last.map(|size| Dimension { dim_value: Some(size as i64), ..Dimension::default() });
        [named("texts"), named("tokens")].into_iter().chain(width).collect()
    };
    let value = |name: &str, elem_type, dim| {
        let tensor_type = TypeProtoTensor { elem_type: Some(elem_type), shape: Some(TensorShapeProto { dim }) };
        let r#type = Some(TypeProto { tensor_type: Some(tensor_type), ..TypeProto::default() });
        ValueInfoProto { name: Some(name.to_owned()), r#type }
    };
    let proto = GraphProto {
        node: graph.nodes,
        initializer: graph.constants,
        input: ["input_ids", "attention_mask"].map(|name| value(name, DataType::INT64, shape(None))).to_vec(),
        output: vec![value(OUTPUT, DataType::FLOAT, shape(Some(hidden)))],
        value_info: vec![],
    };
    let opset = OperatorSetIdProto { version: Some(OPSET), ..OperatorSetIdProto::default() };
    Ok(ModelProto { ir_version: Some(IR), graph: Some(proto), opset_import: vec![opset], ..ModelProto::default() })
}

/// Every method adds to the graph and returns the name of what it gives.
struct Writer<'a> {
    weights: SafeTensors<'a>,
    /// What stands before the names of the weights.
    prefix: String,
    config: &'a BertConfig,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Writer<'_> {
    fn node(&mut self, operator: &str, inputs: &[&str], name: &str, attribute: Vec<AttributeProto>) -> String {
        self.nodes.push(NodeProto {
            name: Some(name.to_owned()),
            op_type: Some(operator.to_owned()),
            input: inputs.iter().map(|&input| input.to_owned()).collect(),
            output: vec![name.to_owned()],
            attribute,
            ..NodeProto::default()
        });
        name.to_owned()
    }

    fn tensor(&mut self, name: &str, shape: &[usize], data_type: DataType, bytes: Vec<u8>) -> String {
        self.constants.push(TensorProto {
            name: Some(name.to_owned()),
            dims: shape.iter().map(|&size| size as i64).collect(),
            data_type: Some(data_type),
            raw_data: Some(RefCell::new(bytes)),
            ..TensorProto::default()
        });
        name.to_owned()
    }

    fn number(&mut self, name: &str, number: f32) -> String {
        self.tensor(name, &[], DataType::FLOAT, number.to_le_bytes().to_vec())
    }

    fn sizes(&mut self, name: &str, sizes: &[i64]) -> String {
        self.tensor(name, &[sizes.len()], DataType::INT64, sizes.iter().flat_map(|size| size.to_le_bytes()).collect())
    }

    /// A weight of that shape, as floats of four bytes.
    fn weight(&mut self, name: &str, shape: &[usize]) -> Result<String, BertError> {
        self.rows(name, shape, |found| found == shape)
    }

    /// As many rows of a weight as `shape` has, where the whole one `fits`.
    fn rows(&mut self, name: &str, shape: &[usize], fits: impl Fn(&[usize]) -> bool) -> Result<String, BertError> {
        let full = format!("{}{name}", self.prefix);
        let tensor = self.weights.tensor(&full).map_err(|_| BertError::NoWeight(full.clone()))?;
        if !fits(tensor.shape()) {
            return Err(BertError::Shape { name: full, found: tensor.shape().to_vec(), expected: shape.to_vec() });
        }
        let numbers: usize = shape.iter().product();
        let pairs = || tensor.data().chunks_exact(2).take(numbers).map(|pair| [pair[0], pair[1]]);
        let bytes = match tensor.dtype() {
            Dtype::F32 => tensor.data()[..numbers * 4].to_vec(),
            Dtype::F16 => pairs().flat_map(|pair| f16::from_le_bytes(pair).to_f32().to_le_bytes()).collect(),
            Dtype::BF16 => pairs().flat_map(|pair| bf16::from_le_bytes(pair).to_f32().to_le_bytes()).collect(),
            found => return Err(BertError::Number { name: full, found }),
        };
        Ok(self.tensor(name, shape, DataType::FLOAT, bytes))
    }

    /// x·Wᵀ + b of a `torch.nn.Linear`.
    fn linear(&mut self, x: &str, name: &str, [inputs, outputs]: [usize; 2]) -> Result<String, BertError> {
        let weight = self.weight(&format!("{name}.weight"), &[outputs, inputs])?;
        let bias = self.weight(&format!("{name}.bias"), &[outputs])?;
        let turned = self.node("Transpose", &[&weight], &format!("{name}.turned"), vec![whole_numbers("perm", &[1, 0])]);
        let product = self.node("MatMul", &[x, &turned], &format!("{name}.product"), vec![]);
        Ok(self.node("Add", &[&product, &bias], &format!("{name}.out"), vec![]))
    }

    fn norm(&mut self, x: &str, name: &str, gives: &str) -> Result<String, BertError> {
        let weight = self.weight(&format!("{name}.weight"), &[self.config.hidden_size])?;
        let bias = self.weight(&format!("{name}.bias"), &[self.config.hidden_size])?;
        let epsilon = AttributeProto { f: Some(self.config.layer_norm_eps), ..attribute("epsilon", AttributeType::FLOAT) };
        Ok(self.node("LayerNormalization", &[x, &weight, &bias], gives, vec![epsilon]))
    }

    /// What is added to the scores, so that no token looks at padding: (texts, 1, 1, tokens).
    fn seen(&mut self) -> String {
        let to = AttributeProto { i: Some(i64::from(DataType::FLOAT.0)), ..attribute("to", AttributeType::INT) };
        let mask = self.node("Cast", &["attention_mask"], "seen.mask", vec![to]);
        let axes = self.sizes("seen.axes", &[1, 2]);
        let wide = self.node("Unsqueeze", &[&mask, &axes], "seen.wide", vec![]);
        let (one, unseen) = (self.number("seen.one", 1.0), self.number("seen.unseen", UNSEEN));
        let padding = self.node("Sub", &[&one, &wide], "seen.padding", vec![]);
        self.node("Mul", &[&padding, &unseen], "seen", vec![])
    }

    /// Words, places and the kind of a text that stands alone, which is the first.
    fn embeddings(&mut self, first_place: usize, tokens: usize) -> Result<String, BertError> {
        let hidden = self.config.hidden_size;
        let words = self.weight(WORDS, &[self.config.vocab_size, hidden])?;
        let mut first_rows = |name: &str, rows: usize| {
            self.rows(
                &format!("embeddings.{name}_embeddings.weight"),
                &[rows, hidden],
                |found| matches!(found, [all, width] if *all >= rows && *width == hidden),
            )
        };
        let (places, kind) = (first_rows("position", first_place + tokens)?, first_rows("token_type", 1)?);
        let words = self.node("Gather", &[&words, "input_ids"], "embeddings.words", vec![]);
        let shape = self.node("Shape", &["input_ids"], "embeddings.shape", vec![]);
        let one = self.sizes("embeddings.one", &[1]);
        let length = self.node("Gather", &[&shape, &one], "embeddings.length", vec![]);
        let first = self.sizes("embeddings.first", &[first_place as i64]);
        let end = self.node("Add", &[&length, &first], "embeddings.end", vec![]);
        let axis = self.sizes("embeddings.axis", &[0]);
        let placed = self.node("Slice", &[&places, &first, &end, &axis], "embeddings.places", vec![]);
        let sum = self.node("Add", &[&words, &placed], "embeddings.placed", vec![]);
        let sum = self.node("Add", &[&sum, &kind], "embeddings.sum", vec![]);
        self.norm(&sum, "embeddings.LayerNorm", "embeddings.LayerNorm.out")
    }

    fn layer(&mut self, at: &str, x: &str, seen: &str, gelu: &str, gives: &str) -> Result<String, BertError> {
        let BertConfig { hidden_size: hidden, num_attention_heads: heads, intermediate_size: inner, .. } = *self.config;
        let size = hidden / heads;
        let apart = self.sizes(&format!("{at}.apart"), &[0, 0, heads as i64, size as i64]);
        let mut head = |name: &str, order: [i64; 4]| -> Result<String, BertError> {
            let all = self.linear(x, &format!("{at}.attention.self.{name}"), [hidden, hidden])?;
            let wide = self.node("Reshape", &[&all, &apart], &format!("{at}.{name}.wide"), vec![]);
            Ok(self.node("Transpose", &[&wide], &format!("{at}.{name}.heads"), vec![whole_numbers("perm", &order)]))
        };
        let (query, key, value) = (head("query", [0, 2, 1, 3])?, head("key", [0, 2, 3, 1])?, head("value", [0, 2, 1, 3])?);
        let scores = self.node("MatMul", &[&query, &key], &format!("{at}.scores"), vec![]);
        let scale = self.number(&format!("{at}.scale"), (size as f32).sqrt().recip());
        let scaled = self.node("Mul", &[&scores, &scale], &format!("{at}.scaled"), vec![]);
        let masked = self.node("Add", &[&scaled, seen], &format!("{at}.masked"), vec![]);
        let axis = AttributeProto { i: Some(-1), ..attribute("axis", AttributeType::INT) };
        let shares = self.node("Softmax", &[&masked], &format!("{at}.shares"), vec![axis]);
        let looked = self.node("MatMul", &[&shares, &value], &format!("{at}.looked"), vec![]);
        let turned = self.node("Transpose", &[&looked], &format!("{at}.turned"), vec![whole_numbers("perm", &[0, 2, 1, 3])]);
        let together = self.sizes(&format!("{at}.together"), &[0, 0, hidden as i64]);
        let joined = self.node("Reshape", &[&turned, &together], &format!("{at}.joined"), vec![]);
        let attended = self.linear(&joined, &format!("{at}.attention.output.dense"), [hidden, hidden])?;
        let attended = self.node("Add", &[&attended, x], &format!("{at}.attended"), vec![]);
        let attended = self.norm(&attended, &format!("{at}.attention.output.LayerNorm"), &format!("{at}.attention.normed"))?;
        let fed = self.linear(&attended, &format!("{at}.intermediate.dense"), [hidden, inner])?;
        let approximate = AttributeProto { s: Some(gelu.to_owned()), ..attribute("approximate", AttributeType::STRING) };
        let fed = self.node("Gelu", &[&fed], &format!("{at}.gelu"), vec![approximate]);
        let fed = self.linear(&fed, &format!("{at}.output.dense"), [inner, hidden])?;
        let fed = self.node("Add", &[&fed, &attended], &format!("{at}.fed"), vec![]);
        self.norm(&fed, &format!("{at}.output.LayerNorm"), gives)
    }
}

fn attribute(name: &str, r#type: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(r#type), ..AttributeProto::default() }
}

fn whole_numbers(name: &str, numbers: &[i64]) -> AttributeProto {
    AttributeProto { ints: numbers.to_vec(), ..attribute(name, AttributeType::INTS) }
}
