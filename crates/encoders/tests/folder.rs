//! Every way in which a folder can be wrong is refused with the file and the mend.

mod support;

use jieti_encoders::folder::FolderError;
use jieti_language::encoder::sentence::{Masked, Patience, SentenceEncoder};
use std::path::Path;
use support::{copy, fixture, open};

const IN_ONNX: [&str; 2] = ["model.onnx", "tokenizer.json"];
const IN_SAFETENSORS: [&str; 3] = ["model.safetensors", "config.json", "tokenizer.json"];

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn the_first_token_is_taken_where_the_folder_says_so() {
    let folder = copy("bert", &IN_ONNX);
    let text = [Masked::of("how do i cancel my card")];
    let pooled = |config: &str| {
        put(folder.path(), "1_Pooling/config.json", config.as_bytes());
        open(folder.path()).map(|encoder| encoder.encode(&text, Patience::Customer).unwrap())
    };
    let mean = open(&fixture("bert")).unwrap().encode(&text, Patience::Customer).unwrap();
    let means = [
        r#"{"word_embedding_dimension": 16, "pooling_mode_mean_tokens": true, "pooling_mode_cls_token": false}"#,
        r#"{"embedding_dimension": 16, "pooling_mode": "mean", "include_prompt": true}"#,
        r#"{"embedding_dimension": 16, "pooling_mode": ["mean"]}"#,
        "{}",
    ];
    assert!(means.iter().all(|config| pooled(config).unwrap() == mean));
    let first = pooled(r#"{"word_embedding_dimension": 16, "pooling_mode_cls_token": true}"#).unwrap();
    assert_ne!(first, mean);
    assert_eq!(pooled(r#"{"embedding_dimension": 16, "pooling_mode": "cls"}"#).unwrap(), first);
    for config in [
        r#"{"pooling_mode_max_tokens": true}"#,
        r#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"#,
        r#"{"pooling_mode": "lasttoken"}"#,
        r#"{"pooling_mode": ["cls", "mean"]}"#,
    ] {
        let error = pooled(config).unwrap_err();
        assert!(matches!(error, FolderError::Mode { .. }), "{config}: {error}");
    }
    let error = pooled(r#"{"word_embedding_dimension": 384, "pooling_mode_cls_token": true}"#).unwrap_err();
    assert!(matches!(error, FolderError::Width { found: 16, expected: 384, .. }), "{error}");
}

#[test]
fn a_step_after_the_model_is_refused_where_it_is_not_known() {
    let steps = |last: &str| {
        let module =
            |name: &str| format!(r#"{{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.{name}"}}"#);
        format!("[{}]", ["Transformer", "Pooling", last].map(module).join(", "))
    };
    for files in [&IN_ONNX[..], &IN_SAFETENSORS[..]] {
        let folder = copy("bert", files);
        put(folder.path(), "modules.json", steps("Normalize").as_bytes());
        open(folder.path()).unwrap();
        put(folder.path(), "modules.json", steps("Dense").as_bytes());
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("Dense") && error.contains("export the whole as ONNX"), "{error}");
    }
}

#[test]
fn what_is_no_encoder_is_refused_with_the_file_and_the_mend() {
    let bytes = |name: &str| std::fs::read(fixture("bert").join(name)).unwrap();
    let (model, weights, config) = (bytes("model.onnx"), bytes("model.safetensors"), bytes("config.json"));
    // The same length, so that the file is whole but for the name.
    let renamed = |whole: &[u8], from: &[u8], to: &[u8]| {
        let mut bytes = whole.to_vec();
        for at in (0..bytes.len() - from.len()).filter(|at| whole[*at..].starts_with(from)) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        bytes
    };
    let set = |name: &str, value: serde_json::Value| {
        let mut config: serde_json::Value = serde_json::from_slice(&config).unwrap();
        config[name] = value;
        config.to_string().into_bytes()
    };
    struct Case<'a> {
        files: &'static [&'static str],
        file: &'static str,
        bytes: &'a [u8],
        says: &'static [&'static str],
    }
    let in_onnx = |file, bytes, says| Case { files: &IN_ONNX, file, bytes, says };
    let in_safetensors = |file, bytes, says| Case { files: &IN_SAFETENSORS, file, bytes, says };
    let cut = &model[..model.len() / 2];
    let other_inputs = renamed(&model, b"input_ids", b"token_ids");
    let no_weight = renamed(&weights, b"layer.1.output.dense.bias", b"layer.7.output.dense.bias");
    let no_words = renamed(&weights, b"word_embeddings", b"morf_embeddings");
    let (kind, act) = (set("model_type", "mpnet".into()), set("hidden_act", "relu".into()));
    let (places, heads) = (set("position_embedding_type", "relative_key".into()), set("num_attention_heads", 3.into()));
    let (inner, words) = (set("intermediate_size", 64.into()), set("vocab_size", 30_522.into()));
    let cases = [
        in_onnx("model.onnx", cut, &["model.onnx", "export it again"]),
        in_onnx("model.onnx", b"", &["model.onnx", "export it again"]),
        in_onnx("model.onnx", b"<html>not found</html>", &["model.onnx", "export it again"]),
        in_onnx("model.onnx", &other_inputs, &["model.onnx", "token_ids", "must have input_ids"]),
        in_onnx("tokenizer.json", b"{", &["tokenizer.json", "belongs to the model"]),
        in_onnx("tokenizer.json", b"{}", &["tokenizer.json", "belongs to the model"]),
        in_onnx("1_Pooling/config.json", b"[", &["1_Pooling/config.json", "take the one of the model"]),
        in_onnx("modules.json", b"{}", &["modules.json", "take the one of the model"]),
        in_safetensors("model.safetensors", &weights[..weights.len() / 2], &["model.safetensors", "cut off"]),
        in_safetensors("model.safetensors", b"", &["model.safetensors", "cut off"]),
        in_safetensors("model.safetensors", b"<html>not found</html>", &["model.safetensors", "cut off"]),
        in_safetensors("model.safetensors", &no_weight, &["no weight encoder.layer.1.output.dense.bias"]),
        in_safetensors("model.safetensors", &no_words, &["no weight embeddings.word_embeddings.weight"]),
        in_safetensors("config.json", b"{}", &["config.json", "take the one of the model"]),
        in_safetensors("config.json", &kind, &["mpnet", "export the model as ONNX"]),
        in_safetensors("config.json", &act, &["hidden_act is relu"]),
        in_safetensors("config.json", &places, &["position_embedding_type is relative_key"]),
        in_safetensors("config.json", &heads, &["3 heads cannot share 16 numbers"]),
        in_safetensors("config.json", &inner, &["intermediate.dense.weight has the shape [32, 16]", "wants [64, 16]"]),
        in_safetensors("config.json", &words, &["word_embeddings.weight has the shape [84, 16]", "wants [30522, 16]"]),
    ];
    for Case { files, file, bytes, says } in cases {
        let folder = copy("bert", files);
        put(folder.path(), file, bytes);
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(says.iter().all(|part| error.contains(part)), "{file}: {error}");
    }
    for (files, missing) in [(&IN_ONNX[..], "model.onnx"), (&IN_ONNX, "tokenizer.json"), (&IN_SAFETENSORS, "config.json")] {
        let folder = copy("bert", files);
        std::fs::remove_file(folder.path().join(missing)).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(missing) && error.contains("must hold"), "{error}");
    }
}

/// A larger vocabulary than the model's: every token it adds lies outside the table.
#[test]
fn the_tokenizer_of_another_model_is_refused() {
    for files in [&IN_ONNX[..], &IN_SAFETENSORS[..]] {
        let folder = copy("bert", files);
        let text = std::fs::read_to_string(fixture("bert").join("tokenizer.json")).unwrap();
        let mut tokenizer: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (_, id) in tokenizer["model"]["vocab"].as_object_mut().unwrap().iter_mut() {
            *id = (id.as_u64().unwrap() + 1000).into();
        }
        put(folder.path(), "tokenizer.json", tokenizer.to_string().as_bytes());
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(error, FolderError::Model { .. }), "{error}");
    }
}
