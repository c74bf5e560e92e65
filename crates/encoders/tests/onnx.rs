//! An ONNX folder: the same vectors as ONNX Runtime, and every way in which a folder can be wrong.
//! The fixture was written by `tests/fixtures/bert_onnx.py tiny`.

use jieti_domain::understanding::Lang;
use jieti_encoders::onnx::{FolderError, OnnxEncoder};
use jieti_language::encoder::dot;
use jieti_language::encoder::sentence::{Masked, Patience, SentenceEncoder};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Line {
    text: String,
    vector: Vec<f32>,
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny")
}

fn open(folder: &Path) -> Result<OnnxEncoder, FolderError> {
    OnnxEncoder::open(folder, BTreeSet::from([Lang::En]), &BTreeSet::new())
}

/// A copy of the fixture that a test may spoil.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["model.onnx", "tokenizer.json"] {
        std::fs::copy(fixture().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn lines() -> Vec<Line> {
    serde_json::from_slice(&std::fs::read(fixture().join("vectors.json")).unwrap()).unwrap()
}

#[test]
fn vectors_are_those_of_onnx_runtime_alone_and_in_a_batch() {
    let (encoder, lines) = (open(&fixture()).unwrap(), lines());
    let texts: Vec<Masked> = lines.iter().map(|line| Masked::of(&line.text)).collect();
    for patience in [Patience::Customer, Patience::Training] {
        let together = encoder.encode(&texts, patience).unwrap();
        for ((line, text), vector) in lines.iter().zip(&texts).zip(&together) {
            let alone = encoder.encode(std::slice::from_ref(text), patience).unwrap().remove(0);
            for found in [&alone, vector] {
                let worst = found.iter().zip(&line.vector).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(found.len() == line.vector.len() && worst < 2e-5, "{:?}: {worst}", line.text);
            }
            assert!((dot(vector, vector) - 1.0).abs() < 1e-5);
        }
    }
    assert!(encoder.knows(Lang::En) && !encoder.knows(Lang::ZhCn));
}

#[test]
fn the_detail_of_layers_stands_behind_the_vector() {
    let with = |layers: &[usize]| OnnxEncoder::open(&fixture(), BTreeSet::from([Lang::En]), &layers.iter().copied().collect());
    let (plain, detailed) = (open(&fixture()).unwrap(), with(&[1, 2]).unwrap());
    assert_eq!((plain.detail(), detailed.detail()), (0, 2 * 3 * 16));
    assert_ne!(plain.fingerprint(), detailed.fingerprint());
    let texts: Vec<Masked> = lines().iter().map(|line| Masked::of(&line.text)).collect();
    let vectors = detailed.encode(&texts, Patience::Training).unwrap();
    for (vector, plain) in vectors.iter().zip(plain.encode(&texts, Patience::Training).unwrap()) {
        let (compared, detail) = vector.split_at(16);
        assert!(compared.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-5));
        // The last layer's mean is the vector before it is brought to length 1.
        let last = &detail[48..64];
        let length = dot(last, last).sqrt();
        assert!(last.iter().zip(&plain).all(|(a, b)| (a / length - b).abs() < 1e-4));
        let is_ordered = |layer: &[f32]| (0..16).all(|i| layer[32 + i] <= layer[i] + 1e-5 && layer[i] <= layer[16 + i] + 1e-5);
        assert!(detail.chunks(48).all(is_ordered));
    }
    for layer in [0, 3] {
        assert!(matches!(with(&[1, layer]).unwrap_err(), FolderError::Layer { layer: found, .. } if found == layer));
    }
}

#[test]
fn the_first_token_is_taken_where_the_folder_says_so() {
    let folder = copy();
    let config = |mode: &str, width: usize| format!(r#"{{"word_embedding_dimension": {width}, "pooling_mode_{mode}": true}}"#);
    let text = [Masked::of("how do i cancel my card")];
    let mean = open(folder.path()).unwrap().encode(&text, Patience::Customer).unwrap();
    put(folder.path(), "1_Pooling/config.json", config("mean_tokens", 16).as_bytes());
    assert_eq!(open(folder.path()).unwrap().encode(&text, Patience::Customer).unwrap(), mean);
    put(folder.path(), "1_Pooling/config.json", config("cls_token", 16).as_bytes());
    assert_ne!(open(folder.path()).unwrap().encode(&text, Patience::Customer).unwrap(), mean);
    put(folder.path(), "1_Pooling/config.json", config("mean_tokens", 384).as_bytes());
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, FolderError::Width { found: 16, expected: 384, .. }), "{error}");
    put(folder.path(), "1_Pooling/config.json", config("max_tokens", 16).as_bytes());
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, FolderError::Mode { .. }), "{error}");
}

#[test]
fn what_is_no_encoder_is_refused_with_the_file_and_the_mend() {
    let model = std::fs::read(fixture().join("model.onnx")).unwrap();
    // The same length, so that the file is whole but for the name.
    let renamed = |from: &[u8], to: &[u8]| {
        let mut bytes = model.clone();
        for at in (0..bytes.len() - from.len()).filter(|at| model[*at..].starts_with(from)) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        bytes
    };
    let cut = &model[..model.len() / 2];
    struct Case<'a> {
        name: &'static str,
        file: &'static str,
        bytes: &'a [u8],
        says: &'static [&'static str],
    }
    let cases = [
        Case { name: "cut off", file: "model.onnx", bytes: cut, says: &["model.onnx", "export it again"] },
        Case { name: "empty", file: "model.onnx", bytes: b"", says: &["model.onnx", "export it again"] },
        Case { name: "noise", file: "model.onnx", bytes: b"<html>not found</html>", says: &["model.onnx", "export it again"] },
        Case {
            name: "other inputs",
            file: "model.onnx",
            bytes: &renamed(b"input_ids", b"token_ids"),
            says: &["model.onnx", "token_ids", "must have input_ids"],
        },
        Case { name: "no json", file: "tokenizer.json", bytes: b"{", says: &["tokenizer.json", "belongs to the model"] },
        Case { name: "no tokenizer", file: "tokenizer.json", bytes: b"{}", says: &["tokenizer.json", "belongs to the model"] },
        Case { name: "no pooling", file: "1_Pooling/config.json", bytes: b"[", says: &["1_Pooling/config.json", "delete it"] },
    ];
    for case in cases {
        let folder = copy();
        put(folder.path(), case.file, case.bytes);
        let error = open(folder.path()).expect_err(case.name).to_string();
        assert!(case.says.iter().all(|part| error.contains(part)), "{}: {error}", case.name);
    }
    for missing in ["model.onnx", "tokenizer.json"] {
        let folder = copy();
        std::fs::remove_file(folder.path().join(missing)).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.contains(missing) && error.contains("must hold"), "{error}");
    }
}

/// A larger vocabulary than the model's: every token it adds lies outside the table.
#[test]
fn the_tokenizer_of_another_model_is_refused() {
    let folder = copy();
    let text = std::fs::read_to_string(fixture().join("tokenizer.json")).unwrap();
    let mut tokenizer: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (_, id) in tokenizer["model"]["vocab"].as_object_mut().unwrap().iter_mut() {
        *id = (id.as_u64().unwrap() + 1000).into();
    }
    put(folder.path(), "tokenizer.json", tokenizer.to_string().as_bytes());
    let error = open(folder.path()).unwrap_err();
    assert!(matches!(error, FolderError::Model { .. }), "{error}");
}
