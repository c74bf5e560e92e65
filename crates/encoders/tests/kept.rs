//! What an encoder has given before is not asked for again, unless it is another encoder's; and a file that is
//! something else stays what it is.

use jieti_domain::understanding::Lang;
use jieti_encoders::kept::Kept;
use jieti_language::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder};
use jieti_store::{VectorFile, VectorFileError};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// Counts what it is asked; its vectors turn with `angle`.
#[derive(Debug, Clone, Default)]
struct Counting {
    angle: f32,
    asked: Arc<Mutex<Vec<String>>>,
}

impl SentenceEncoder for Counting {
    fn knows(&self, _: Lang) -> bool {
        true
    }

    fn nature(&self) -> Nature {
        Nature::Asked
    }

    fn encode(&self, texts: &[Masked], _: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        self.asked.lock().unwrap().extend(texts.iter().map(|text| text.as_str().to_owned()));
        let vector = |text: &Masked| {
            let angle = self.angle + text.as_str().len() as f32 / 10.0;
            vec![angle.cos(), angle.sin()]
        };
        Ok(texts.iter().map(vector).collect())
    }
}

const TEXTS: [&str; 3] = ["a", "bb", "ccc"];

fn masked(texts: &[&str]) -> Vec<Masked> {
    texts.iter().map(|text| Masked::of(text)).collect()
}

/// What is asked of the encoder when `texts` are encoded for training by a service that has just started.
fn asked(encoder: Counting, fingerprint: &str, file: &Path, texts: &[&str]) -> Vec<String> {
    let asked = Arc::clone(&encoder.asked);
    let expected = encoder.encode(&masked(texts), Patience::Training).unwrap();
    asked.lock().unwrap().clear();
    let kept = Kept::new(encoder, fingerprint.to_owned(), VectorFile::open(file).unwrap());
    assert_eq!(kept.encode(&masked(texts), Patience::Training).unwrap(), expected);
    let first = asked.lock().unwrap().clone();
    asked.lock().unwrap().clear();
    assert_eq!(kept.encode(&masked(texts), Patience::Training).unwrap(), expected);
    assert_eq!(*asked.lock().unwrap(), Vec::<String>::new(), "asked again within one run");
    first
}

#[test]
fn a_start_asks_for_one_vector_as_a_proof_and_for_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.db");
    assert_eq!(asked(Counting::default(), "one", &file, &TEXTS), TEXTS);
    assert_eq!(asked(Counting::default(), "one", &file, &TEXTS), ["a"]);
    assert_eq!(asked(Counting::default(), "one", &file, &["bb", "dddd", "a"]), ["bb", "dddd"]);
}

#[test]
fn another_encoder_is_asked_itself_told_by_its_fingerprint_or_by_its_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.db");
    asked(Counting::default(), "one", &file, &TEXTS);
    assert_eq!(asked(Counting::default(), "other", &file, &TEXTS), TEXTS);
    let turned = Counting { angle: 0.5, ..Counting::default() };
    assert_eq!(asked(turned.clone(), "other", &file, &TEXTS), TEXTS);
    assert_eq!(asked(turned, "other", &file, &TEXTS), ["a"]);
}

#[test]
fn what_customers_write_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.db");
    let kept = Kept::new(Counting::default(), "one".to_owned(), VectorFile::open(&file).unwrap());
    kept.encode(&masked(&TEXTS), Patience::Customer).unwrap();
    drop(kept);
    assert_eq!(asked(Counting::default(), "one", &file, &TEXTS), TEXTS);
}

#[test]
fn what_is_no_file_of_vectors_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (text, store) = (folder.path().join("jieti.toml"), folder.path().join("jieti.db"));
    std::fs::write(&text, "listen = 1\n".repeat(1_000)).unwrap();
    rusqlite::Connection::open(&store).unwrap().execute_batch("CREATE TABLE conversation (id TEXT)").unwrap();
    for file in [&text, &store] {
        let before = std::fs::read(file).unwrap();
        assert!(VectorFile::open(file).is_err(), "{}", file.display());
        assert_eq!(std::fs::read(file).unwrap(), before, "{}", file.display());
    }
    assert!(matches!(VectorFile::open(&store), Err(VectorFileError::Other)));
    assert!(VectorFile::open(folder.path()).is_err());
}

#[test]
fn a_file_that_fails_costs_time_and_no_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.db");
    let kept = Kept::new(Counting::default(), "one".to_owned(), VectorFile::open(&file).unwrap());
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("DROP TABLE vector").unwrap();
    assert_eq!(kept.encode(&masked(&TEXTS), Patience::Training).unwrap().len(), 3);
}
