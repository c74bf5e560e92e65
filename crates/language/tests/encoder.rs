//! The encoder: what it learns, that it is the same however it was trained, and what is no encoder.

use jieti_domain::understanding::Lang;
use jieti_language::encoder::file::ModelError;
use jieti_language::encoder::train::{Pairs, Settings, Training};
use jieti_language::encoder::{Cohort, Encoder, dot};
use jieti_language::normalise;
use rayon::ThreadPoolBuilder;
use std::sync::LazyLock;

/// Synonyms of our own: a word of the left column means the one beside it, and nothing else links them.
const SYNONYMS: [(&str, &str); 6] =
    [("还款", "交月供"), ("提额", "涨信用分"), ("注销", "删号"), ("改号", "换手机"), ("催收", "打电话要钱"), ("账单", "对账表")];
const FRAMES: [&str; 8] = ["怎么{}", "{}在哪里", "我想{}", "不能{}了", "{}要多久", "{}失败", "请帮我{}", "{}有记录吗"];

fn pairs() -> Pairs {
    let mut pairs = Pairs::default();
    for (a, b) in SYNONYMS {
        for (i, frame) in FRAMES.iter().enumerate() {
            let other = FRAMES[(i + 3) % FRAMES.len()];
            pairs.add(&frame.replace("{}", a), &frame.replace("{}", b), true);
            pairs.add(&frame.replace("{}", a), &other.replace("{}", b), i % 2 == 0);
        }
    }
    pairs
}

const SETTINGS: Settings = Settings { epochs: 4, batch: 16, temperature: 0.05, dropout: 0.2, rate: 0.05, seed: 7 };

fn trained(threads: usize) -> Encoder {
    let pairs = pairs();
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let member = pool.install(|| {
        let mut training = Training::new(&pairs, SETTINGS);
        while !training.is_done() {
            training.run_epoch(|| ());
        }
        training.finish()
    });
    Encoder::new(vec![member], pairs.langs(), &pairs.asked())
}

static ENCODER: LazyLock<Encoder> = LazyLock::new(|| trained(2));

fn cosine(a: &str, b: &str) -> f32 {
    dot(&ENCODER.encode(&normalise(a)), &ENCODER.encode(&normalise(b)))
}

#[test]
fn words_that_pairs_link_come_together_in_sentences_not_seen() {
    for (i, (a, b)) in SYNONYMS.iter().enumerate() {
        let (unseen_a, unseen_b) = (format!("{a}的事情"), format!("{b}的事情"));
        let other = format!("{}的事情", SYNONYMS[(i + 1) % SYNONYMS.len()].1);
        let (same, different) = (cosine(&unseen_a, &unseen_b), cosine(&unseen_a, &other));
        assert!(same > different + 0.1, "{a} = {b}: {same}, but {other}: {different}");
    }
}

#[test]
fn a_seed_gives_one_model_on_any_number_of_threads_and_after_a_pause() {
    assert!(*ENCODER == trained(1), "one thread and two differ");
    let pairs = pairs();
    let mut training = Training::new(&pairs, SETTINGS);
    training.run_epoch(|| ());
    let checkpoint = training.checkpoint();
    let mut resumed = Training::resume(&pairs, SETTINGS, &checkpoint).expect("its own checkpoint");
    assert_eq!(resumed.epoch(), 1);
    while !resumed.is_done() {
        resumed.run_epoch(|| ());
    }
    assert!(*ENCODER == Encoder::new(vec![resumed.finish()], pairs.langs(), &pairs.asked()), "a pause changed the model");
    let other = Settings { seed: 8, ..SETTINGS };
    assert_eq!(Training::resume(&pairs, other, &checkpoint).err(), Some(ModelError::OtherTraining));
}

#[test]
fn a_model_file_is_read_back_and_anything_else_is_refused_with_its_reason() {
    let bytes = ENCODER.to_bytes();
    let read = Encoder::from_bytes(&bytes).expect("its own bytes");
    assert!(read == *ENCODER && read.knows(Lang::ZhCn) && !read.knows(Lang::En));
    let changed = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    for (name, bytes, want) in [
        ("empty", Vec::new(), "no file of that kind"),
        ("text", b"model: yes".to_vec(), "no file of that kind"),
        ("header only", bytes[..20].to_vec(), "cut off"),
        ("half", bytes[..bytes.len() / 2].to_vec(), "cut off"),
        ("another version", changed(8), "this program reads"),
        ("other rows", changed(12), "rows"),
        ("a bit of a row", changed(bytes.len() / 2), "damaged"),
        ("a bit of the checksum", changed(bytes.len() - 1), "damaged"),
        ("a byte too many", [&bytes[..], &[0]].concat(), "damaged"),
    ] {
        let error = Encoder::from_bytes(&bytes).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(error.contains(want), "{name}: {error:?}");
    }
}

/// A vector of width 8 that points mostly along `axis`.
fn along(axis: usize, number: usize) -> Vec<f32> {
    let mut vector = vec![0.0; 8];
    vector[axis] = 1.0;
    vector[(axis + 1 + number % 7) % 8] += 0.1 + 0.001 * number as f32;
    let length = dot(&vector, &vector).sqrt();
    vector.iter().map(|v| v / length).collect()
}

#[test]
fn a_text_is_near_to_a_cohort_that_asks_the_same_and_far_from_one_that_does_not() {
    let asked: Vec<Vec<f32>> = (0..200).map(|number| along(0, number)).collect();
    let cohort = Cohort::new(8, &asked);
    let near = cohort.around(&along(0, 3)).expect("a cohort of 200");
    let far = cohort.around(&along(4, 3)).expect("a cohort of 200");
    assert!(near.nearness > 0.98 && far.nearness < 0.5, "{} {}", near.nearness, far.nearness);
    // Neighbours are described in floats, whatever they are kept in.
    assert!((dot(&near.mean, &along(0, 3)) - near.nearness).abs() < 1e-6);
    let mut longer = along(0, 3);
    longer.extend([0.5; 4]);
    assert_eq!(cohort.around(&longer).map(|around| around.nearness), Some(near.nearness), "dimensions of others are looked at");
}

#[test]
fn a_handful_of_texts_is_no_cohort() {
    let few: Vec<Vec<f32>> = (0..20).map(|number| along(0, number)).collect();
    assert!(Cohort::new(8, &few).around(&along(0, 1)).is_none());
    assert!(Cohort::new(8, &[]).around(&along(0, 1)).is_none());
    let enough: Vec<Vec<f32>> = (0..200).map(|number| along(0, number)).collect();
    assert!(Cohort::new(8, &enough).around(&[1.0; 4]).is_none(), "a vector that is too short");
}

#[test]
fn the_same_texts_make_the_same_cohort_in_whatever_order_they_came() {
    let mut forward = Pairs::default();
    let mut backward = Pairs::default();
    let lines: Vec<(String, String)> = (0..100).map(|n| (format!("第{n}期怎么还"), format!("第{n}期如何还款"))).collect();
    lines.iter().for_each(|(a, b)| forward.add(a, b, true));
    lines.iter().rev().for_each(|(a, b)| backward.add(b, a, true));
    assert_eq!(forward.asked(), backward.asked());
}
