//! Encoders from elsewhere: one interface, personal numbers masked before any of them, asked once, and messages that are read by
//! their words where one does not answer.

use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::understanding::{Lang, Understanding};
use jieti_language::encoder::dot;
use jieti_language::encoder::sentence::{EncodeError, Encoders, Masked, Nature, Patience, Remembered, SentenceEncoder, checked};
use jieti_language::{Context, Language, Reading};
use jiff::civil::date;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Knows that some words mean the same; remembers what it was shown, and can be switched off.
#[derive(Debug, Default)]
struct Elsewhere {
    is_off: AtomicBool,
    shown: Mutex<Vec<(String, Patience)>>,
}

/// Words of a need; none of the questions below has one of the second half.
const MEANT: [&[&str]; 3] = [
    &["cancel", "card", "terminate", "plastic"],
    &["limit", "raise", "ceiling", "higher"],
    &["fee", "early", "penalty", "ahead"],
];

impl Elsewhere {
    fn vector(text: &str) -> Vec<f32> {
        let hits = |words: &[&str]| words.iter().filter(|word| text.contains(**word)).count() as f32;
        MEANT.iter().map(|words| hits(words)).chain([0.1]).collect()
    }

    fn texts(&self, patience: Patience) -> Vec<String> {
        let shown = self.shown.lock().unwrap();
        shown.iter().filter(|(_, p)| *p == patience).map(|(text, _)| text.clone()).collect()
    }
}

impl SentenceEncoder for Elsewhere {
    fn knows(&self, lang: Lang) -> bool {
        lang == Lang::En
    }

    fn nature(&self) -> Nature {
        Nature::Asked
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        if self.is_off.load(Ordering::SeqCst) {
            return Err(EncodeError { encoder: "here".to_owned(), detail: "it is switched off".to_owned() });
        }
        self.shown.lock().unwrap().extend(texts.iter().map(|text| (text.as_str().to_owned(), patience)));
        Ok(checked(texts.iter().map(|text| Self::vector(text.as_str())).collect(), texts.len()).unwrap())
    }
}

fn knowledge(more: &[&str]) -> Knowledge {
    let entry = |id: &str, asks: Vec<String>| -> Entry {
        serde_json::from_value(serde_json::json!({
            "id": id, "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"},
            "texts": {"en": {"title": asks[0], "ask": asks, "answer": ""}},
        }))
        .unwrap()
    };
    let ways = |core: &str| -> Vec<String> {
        [
            "how do i {}",
            "can i {} today",
            "i want to {}",
            "where do i {} in the app",
            "{} please",
            "is it possible to {}",
            "{} now",
        ]
        .iter()
        .map(|way| way.replace("{}", core))
        .collect()
    };
    let mut cancel = ways("cancel the card");
    cancel.extend(more.iter().map(|text| (*text).to_owned()));
    Knowledge::new([
        entry("card.cancel", cancel),
        entry("limit.raise", ways("raise the limit")),
        entry("early.fee", ways("pay the early fee")),
        entry("address.change", ways("move my address")),
    ])
}

fn read(language: &Language, text: &str) -> Understanding {
    language.understand(&Reading { text, today: date(2026, 11, 30), lang_hint: Some(Lang::En), context: Context::default() })
}

fn best(understanding: &Understanding) -> Option<&NeedId> {
    understanding.best().map(|best| &best.need)
}

fn with(encoder: &Arc<Elsewhere>) -> Encoders {
    Encoders::default().with(Arc::new(Remembered::new(Arc::clone(encoder) as Arc<dyn SentenceEncoder>)))
}

/// Nothing but the encoder knows these words.
const BY_MEANING: &str = "terminate my plastic";
const BY_WORDS: &str = "can i cancel the card";

#[test]
fn a_message_is_read_by_meaning_and_by_its_words_alone_while_the_encoder_does_not_answer() {
    let elsewhere = Arc::new(Elsewhere::default());
    let language = Language::train_with(&knowledge(&[]), with(&elsewhere)).unwrap();
    assert!(language.is_slow() && !Language::train(&knowledge(&[])).is_slow());
    let seen = read(&language, BY_MEANING);
    assert_eq!(best(&seen), Some(&"card.cancel".into()), "{:?}", seen.needs);

    elsewhere.is_off.store(true, Ordering::SeqCst);
    let words = Language::train(&knowledge(&[]));
    for text in [BY_MEANING, BY_WORDS, "raise it", "what is the weather", "", "cancel the card. also raise the limit"] {
        let (without, by_words) = (read(&language, text), read(&words, text));
        let sure = |read: &Understanding| read.best().map_or(0.0, |best| best.confidence);
        // The two were fitted on other small words of 28 questions: what they believe is the same, not how firmly.
        assert_eq!(sure(&without) > 0.5, sure(&by_words) > 0.5, "{text:?}: {:?}, {:?}", without.needs, by_words.needs);
        if sure(&by_words) > 0.5 {
            assert_eq!(best(&without), best(&by_words), "{text:?}: as if there had never been an encoder");
        }
    }
    elsewhere.is_off.store(false, Ordering::SeqCst);
    assert_eq!(read(&language, BY_MEANING).needs, seen.needs, "and by meaning as soon as it answers again");
}

#[test]
fn training_fails_with_what_the_encoder_said_and_goes_on_where_it_was() {
    let elsewhere = Arc::new(Elsewhere::default());
    let encoders = with(&elsewhere);
    elsewhere.is_off.store(true, Ordering::SeqCst);
    let error = Language::train_with(&knowledge(&[]), encoders.clone()).unwrap_err();
    assert_eq!(error.to_string(), "sentence encoder here gave no vectors: it is switched off");
    elsewhere.is_off.store(false, Ordering::SeqCst);
    let language = Language::train_with(&knowledge(&[]), encoders).unwrap();
    let trained: Vec<String> = elsewhere.texts(Patience::Training);
    assert_eq!(trained.len(), BTreeSet::from_iter(&trained).len(), "each text is encoded once");

    let more = ["get rid of this card for good"];
    let changed = BTreeSet::from([NeedId::from("card.cancel")]);
    let edited = language.update(&knowledge(&more), &changed).unwrap();
    assert_eq!(elsewhere.texts(Patience::Training)[trained.len()..], more, "an edit encodes what is new");
    elsewhere.is_off.store(true, Ordering::SeqCst);
    assert!(edited.update(&knowledge(&["one more way to say it"]), &changed).is_err());
    assert_eq!(best(&read(&edited, BY_WORDS)), Some(&"card.cancel".into()), "the model before it goes on");
}

#[test]
fn no_encoder_is_shown_a_personal_number() {
    let elsewhere = Arc::new(Elsewhere::default());
    let listed = "cancel my card 6222 0202 0011 2233 446";
    let language = Language::train_with(&knowledge(&[listed]), with(&elsewhere)).unwrap();
    for text in ["call me on 13812345678 about the early fee", "my card is 6222020200112233446. also my id is 11010519491231002X"]
    {
        read(&language, text);
    }
    let shown = [elsewhere.texts(Patience::Training), elsewhere.texts(Patience::Customer)].concat();
    assert!(shown.iter().any(|text| text.contains("early fee")) && shown.iter().any(|text| text.contains('*')), "{shown:?}");
    for text in shown {
        let longest = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
        assert!(longest <= Some(4), "{text:?}");
    }
}

#[test]
fn a_message_of_two_parts_is_one_question_to_the_encoder() {
    let elsewhere = Arc::new(Elsewhere::default());
    let language = Language::train_with(&knowledge(&[]), with(&elsewhere)).unwrap();
    read(&language, "cancel my card. also is there an early fee");
    let asked = elsewhere.texts(Patience::Customer);
    assert_eq!(asked.len(), 3, "the whole and its parts: {asked:?}");
}

#[test]
fn side_by_side_a_cosine_is_the_mean_of_cosines() {
    /// Turns the vector of another by a quarter.
    #[derive(Debug)]
    struct Turned;
    impl SentenceEncoder for Turned {
        fn knows(&self, _: Lang) -> bool {
            true
        }
        fn nature(&self) -> Nature {
            Nature::Computed
        }
        fn encode(&self, texts: &[Masked], _: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
            let vector = |text: &Masked| vec![1.0, text.as_str().len() as f32];
            Ok(checked(texts.iter().map(vector).collect(), texts.len()).unwrap())
        }
    }
    let elsewhere: Arc<dyn SentenceEncoder> = Arc::new(Elsewhere::default());
    let encoders = Encoders::default().with(Arc::clone(&elsewhere)).with(Arc::new(Turned));
    let texts = [Masked::of("cancel the card"), Masked::of("raise the limit")];
    let cosine = |encoder: &dyn SentenceEncoder| {
        let vectors = encoder.encode(&texts, Patience::Customer).unwrap();
        (dot(&vectors[0], &vectors[0]), dot(&vectors[0], &vectors[1]))
    };
    let both = encoders.of(Lang::En).unwrap();
    let (length, mean) = cosine(&*both);
    assert!((length - 1.0).abs() < 1e-5);
    assert!((mean - (cosine(&*elsewhere).1 + cosine(&Turned).1) / 2.0).abs() < 1e-5);
    assert_eq!(both.nature(), Nature::Asked);
    let chinese = encoders.of(Lang::ZhCn).unwrap();
    assert_eq!(chinese.nature(), Nature::Computed, "the one that knows no Chinese is not asked for it");
    assert!(Encoders::default().of(Lang::En).is_none() && encoders.computed().of(Lang::En).is_some());
}

#[test]
fn vectors_from_elsewhere_are_held_to_the_interface() {
    for (vectors, texts, says) in [
        (vec![vec![1.0, 2.0]], 2, "1 vectors came for 2 texts"),
        (vec![vec![1.0, 2.0], vec![1.0]], 2, "2 numbers and another 1"),
        (vec![vec![]], 1, "numbers"),
        (vec![vec![0.0, 0.0]], 1, "all zeros"),
        (vec![vec![f32::NAN, 1.0]], 1, "none"),
        (vec![vec![f32::INFINITY, 1.0]], 1, "none"),
        (vec![vec![f32::MAX, f32::MAX]], 1, "none"),
    ] {
        let error = checked(vectors, texts).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    assert_eq!(checked(vec![vec![3.0, 4.0]], 1).unwrap(), [[0.6, 0.8]]);
}
