//! A folder's encoder gives the vectors that transformers gives, in whatever the folder has the weights. The fixtures were written by
//! `tests/fixtures/tiny.py`.

mod support;

use jieti_domain::understanding::Lang;
use jieti_encoders::folder::FolderError;
use jieti_encoders::onnx::OnnxEncoder;
use jieti_language::encoder::dot;
use jieti_language::encoder::sentence::{Masked, Patience, SentenceEncoder};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;
use support::{copy, fixture, open};

#[derive(Deserialize)]
struct Line {
    text: String,
    vector: Vec<f32>,
}

fn lines(folder: &Path) -> Vec<Line> {
    serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).unwrap()).unwrap()
}

#[test]
fn vectors_are_those_of_transformers_alone_and_in_a_batch() {
    let in_onnx = copy("bert", &["model.onnx", "tokenizer.json", "vectors.json"]);
    let weights = ["model.safetensors", "config.json", "tokenizer.json", "vectors.json"];
    for folder in [in_onnx, copy("bert", &weights), copy("roberta", &weights)] {
        let (encoder, lines) = (open(folder.path()).unwrap(), lines(folder.path()));
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
}

#[test]
fn the_detail_of_layers_stands_behind_the_vector() {
    let in_onnx = copy("bert", &["model.onnx", "tokenizer.json"]);
    let weights = copy("bert", &["model.safetensors", "config.json", "tokenizer.json"]);
    let texts: Vec<Masked> = lines(&fixture("bert")).iter().map(|line| Masked::of(&line.text)).collect();
    let [one, other] = [in_onnx.path(), weights.path()].map(|folder| {
        let with = |layers: &[usize]| OnnxEncoder::open(folder, BTreeSet::from([Lang::En]), &layers.iter().copied().collect());
        let (plain, detailed) = (open(folder).unwrap(), with(&[1, 2]).unwrap());
        assert_eq!((plain.detail(), detailed.detail()), (0, 2 * 3 * 16));
        assert_ne!(plain.fingerprint(), detailed.fingerprint());
        let vectors = detailed.encode(&texts, Patience::Training).unwrap();
        for (vector, plain) in vectors.iter().zip(plain.encode(&texts, Patience::Training).unwrap()) {
            let (compared, detail) = vector.split_at(16);
            assert!(compared.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-5));
            // The last layer's mean is the vector before it is brought to length 1.
            let last = &detail[48..64];
            let length = dot(last, last).sqrt();
            assert!(last.iter().zip(&plain).all(|(a, b)| (a / length - b).abs() < 1e-4));
            let is_ordered =
                |layer: &[f32]| (0..16).all(|i| layer[32 + i] <= layer[i] + 1e-5 && layer[i] <= layer[16 + i] + 1e-5);
            assert!(detail.chunks(48).all(is_ordered));
        }
        for layer in [0, 3] {
            assert!(matches!(with(&[1, layer]).unwrap_err(), FolderError::Layer { layer: found, .. } if found == layer));
        }
        vectors
    });
    let close = |one: &Vec<f32>, other: &Vec<f32>| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(one.iter().zip(&other).all(|(one, other)| close(one, other)));
}
