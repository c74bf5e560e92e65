//! More needs than there can be a model of each: read by the nearest questions, by words and by meaning.

use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::understanding::{Breadth, Lang, Understanding};
use jieti_language::encoder::sentence::{EncodeError, Encoders, Masked, Nature, Patience, SentenceEncoder, checked};
use jieti_language::{Context, Language, Reading, large};
use jiff::civil::date;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

/// What can be done, and to what; only the encoder knows that the second word of a pair means the first.
const ACTS: [(&str, &str); 26] = [
    ("cancel", "terminate"),
    ("change", "alter"),
    ("find", "locate"),
    ("print", "typeset"),
    ("share", "forward"),
    ("delay", "postpone"),
    ("check", "verify"),
    ("raise", "lift"),
    ("lower", "shrink"),
    ("delete", "erase"),
    ("renew", "prolong"),
    ("open", "unlock"),
    ("close", "shut"),
    ("merge", "unite"),
    ("split", "divide"),
    ("block", "freeze"),
    ("replace", "swap"),
    ("report", "flag"),
    ("dispute", "contest"),
    ("explain", "clarify"),
    ("correct", "amend"),
    ("confirm", "acknowledge"),
    ("export", "save"),
    ("order", "request"),
    ("move", "shift"),
    ("hide", "conceal"),
];
const THINGS: [(&str, &str); 28] = [
    ("card", "plastic"),
    ("loan", "borrowing"),
    ("limit", "ceiling"),
    ("fee", "charge"),
    ("address", "residence"),
    ("phone", "handset"),
    ("password", "passcode"),
    ("contract", "agreement"),
    ("invoice", "bill"),
    ("salary", "wage"),
    ("guarantor", "surety"),
    ("coupon", "voucher"),
    ("rate", "percentage"),
    ("schedule", "timetable"),
    ("account", "profile"),
    ("letter", "mail"),
    ("photo", "picture"),
    ("signature", "autograph"),
    ("refund", "reimbursement"),
    ("penalty", "fine"),
    ("insurance", "cover"),
    ("branch", "office"),
    ("adviser", "counsellor"),
    ("notice", "alert"),
    ("deposit", "downpayment"),
    ("score", "rating"),
    ("limit date", "deadline"),
    ("mandate", "authorisation"),
];
const WAYS: [&str; 4] = ["how do i {}", "can i {} today", "where do i {} in the app", "i would like to {}"];

/// Knows both words of every pair; remembers what it was shown for training, and can be switched off.
#[derive(Debug)]
struct Synonyms {
    nature: Nature,
    is_off: AtomicBool,
    shown: Mutex<Vec<String>>,
}

impl Synonyms {
    fn new(nature: Nature) -> Arc<Self> {
        Arc::new(Self { nature, is_off: AtomicBool::new(false), shown: Mutex::default() })
    }

    fn shown(&self) -> usize {
        self.shown.lock().unwrap().len()
    }
}

impl SentenceEncoder for Synonyms {
    fn knows(&self, lang: Lang) -> bool {
        lang == Lang::En
    }

    fn nature(&self) -> Nature {
        self.nature
    }

    fn encode(&self, texts: &[Masked], patience: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        if self.is_off.load(Ordering::SeqCst) {
            return Err(EncodeError { encoder: "here".to_owned(), detail: "it is switched off".to_owned() });
        }
        if patience == Patience::Training {
            self.shown.lock().unwrap().extend(texts.iter().map(|text| text.as_str().to_owned()));
        }
        let vector = |text: &Masked| {
            let has = |word: &str| text.as_str().contains(word);
            let means = |(one, other): &(&str, &str)| f32::from(u8::from(has(one) || has(other)));
            // What says neither is far from everything.
            ACTS.iter().chain(&THINGS).map(means).chain([0.2, 0.1 * (text.as_str().len() % 5) as f32]).collect()
        };
        Ok(checked(texts.iter().map(vector).collect(), texts.len()).unwrap())
    }
}

fn entry(id: &str, asks: &[String]) -> Entry {
    serde_json::from_value(serde_json::json!({
        "id": id, "stage": "a", "risk": "low", "owner": "it", "cause": {"kind": "operation", "area": "x"},
        "texts": {"en": {"title": asks[0], "ask": asks, "answer": ""}},
    }))
    .unwrap()
}

fn id(act: usize, thing: usize) -> String {
    format!("many.{act}-{thing}")
}

/// Every act on every thing, but for the last act on the last half of the things.
fn entries() -> Vec<Entry> {
    let all = (0..ACTS.len()).flat_map(|act| (0..THINGS.len()).map(move |thing| (act, thing)));
    all.filter(|(act, thing)| *act + 1 < ACTS.len() || *thing < THINGS.len() / 2)
        .map(|(act, thing)| {
            let asks = WAYS.map(|way| way.replace("{}", &format!("{} my {}", ACTS[act].0, THINGS[thing].0)));
            entry(&id(act, thing), &asks)
        })
        .collect()
}

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::new(entries()));
static BY_WORDS: LazyLock<Language> = LazyLock::new(|| Language::train(&KNOWLEDGE));
static BY_MEANING: LazyLock<Language> = LazyLock::new(|| with(&Synonyms::new(Nature::Computed)));

fn with(encoder: &Arc<Synonyms>) -> Language {
    Language::train_with(&KNOWLEDGE, Encoders::default().with(Arc::clone(encoder) as Arc<dyn SentenceEncoder>)).unwrap()
}

fn read(language: &Language, text: &str) -> Understanding {
    language.understand(&Reading { text, today: date(2026, 11, 30), lang_hint: None, context: Context::default() })
}

fn best(language: &Language, text: &str) -> (String, f32) {
    read(language, text).best().map(|best| (best.need.to_string(), best.confidence)).unwrap_or_default()
}

/// Needs with their questions in words that no entry has.
fn paraphrases() -> impl Iterator<Item = (String, String)> {
    let text = |act: usize, thing: usize| format!("please {} the {} for me", ACTS[act].1, THINGS[thing].1);
    (0..25).map(move |n| (n, n * 7 % THINGS.len())).map(move |(act, thing)| (id(act, thing), text(act, thing)))
}

#[test]
fn a_paraphrase_that_shares_no_telling_word_is_found_first_by_its_meaning() {
    assert!(KNOWLEDGE.iter().count() > 700);
    let mut by_words = 0;
    for (need, text) in paraphrases() {
        assert_eq!(best(&BY_MEANING, &text).0, need, "{text}");
        by_words += usize::from(best(&BY_WORDS, &text).0 == need);
    }
    // The list of words that mean the same has a few of the pairs.
    assert!(by_words <= 5, "{by_words} of 25");
}

#[test]
fn clear_questions_are_believed_and_strangers_are_not() {
    for language in [&*BY_WORDS, &*BY_MEANING] {
        for (act, thing) in [(0, 0), (5, 3), (12, 20), (24, 9)] {
            let text = format!("so how can i {} my {}", ACTS[act].0, THINGS[thing].0);
            let (need, sure) = best(language, &text);
            assert!(need == id(act, thing) && sure >= 0.75, "{text}: {need} {sure}");
        }
        for text in
            ["hide my branch please", "how do i hide my score", "what is the weather", "how do i bake bread", "can i today"]
        {
            let (need, sure) = best(language, text);
            assert!(sure < 0.75, "{text}: {need} {sure}");
        }
    }
}

#[test]
fn where_no_need_has_a_second_question_only_a_listed_one_is_believed() {
    let first = |mut entry: Entry| {
        entry.texts.get_mut(&Lang::En).unwrap().ask.clear();
        entry
    };
    let single = Language::train(&Knowledge::new(entries().into_iter().map(first)));
    let (need, sure) = best(&single, "How do I cancel my card?");
    assert!(need == id(0, 0) && sure > 0.9, "{need} {sure}");
    let (need, sure) = best(&single, "how do i get to cancel my card now");
    assert!(need == id(0, 0) && (0.1..0.7).contains(&sure), "{need} {sure}");
}

#[test]
fn while_the_encoder_does_not_answer_messages_are_read_by_their_words() {
    let encoder = Synonyms::new(Nature::Asked);
    let language = with(&encoder);
    let (need, text) = paraphrases().next().unwrap();
    assert_eq!(best(&language, &text).0, need);
    encoder.is_off.store(true, Ordering::SeqCst);
    for text in ["so how can i cancel my card", "how do i raise my limit", "what is the weather", "how do i hide my score", ""] {
        let (without, by_words) = (best(&language, text), best(&BY_WORDS, text));
        assert_eq!(without.1 >= 0.75, by_words.1 >= 0.75, "{text}: {without:?}, {by_words:?}");
        if by_words.1 >= 0.75 {
            assert_eq!(without.0, by_words.0, "{text}");
        }
    }
    encoder.is_off.store(false, Ordering::SeqCst);
    assert_eq!(best(&language, &text).0, need, "and by meaning as soon as it answers again");
}

#[test]
fn an_edit_is_found_by_its_meaning_at_once_and_only_what_is_new_is_encoded() {
    let encoder = Synonyms::new(Nature::Computed);
    let language = with(&encoder);
    let trained = encoder.shown();
    let (need, stranger) = (id(25, 27), "please conceal the authorisation for me");
    assert_ne!(best(&language, stranger).0, need);
    let questions = ["hide my mandate".to_owned(), "can i hide my mandate today".to_owned()];
    let edited = Knowledge::new(entries().into_iter().chain([entry(&need, &questions)]));
    let changed = BTreeSet::from([need.as_str().into()]);
    let language = language.update(&edited, &changed).unwrap();
    assert_eq!(best(&language, stranger).0, need);
    // The title is among the questions.
    assert_eq!(encoder.shown() - trained, 3);

    let more = [&questions[..], &["where is hiding my mandate".to_owned()]].concat();
    let edited = Knowledge::new(entries().into_iter().chain([entry(&need, &more)]));
    let language = language.update(&edited, &changed).unwrap();
    assert_eq!(encoder.shown() - trained, 4, "of an entry that grows, the new question");

    // So many edits that the index should be built again.
    let ask = |n: usize| -> Vec<String> { (0..8).map(|way| format!("about form {n}, page {way}")).collect() };
    let many: Vec<Entry> = (0..300).map(|n| entry(&format!("form.{n}"), &ask(n))).collect();
    let changed = many.iter().map(|entry| entry.id.clone()).collect();
    let before = encoder.shown();
    let grown = Knowledge::new(edited.iter().cloned().chain(many));
    let language = language.update(&grown, &changed).unwrap();
    // Their titles and questions.
    assert_eq!(encoder.shown() - before, 300 * 9);
    assert_eq!(best(&language, stranger).0, need);
    assert!(language.is_worn());
    let language = language.renewed(&grown).unwrap();
    assert!(!language.is_worn());
    // One text that tells the width of a vector.
    assert_eq!(encoder.shown() - before, 300 * 9 + 1);
    assert_eq!(best(&language, stranger).0, need);
    encoder.is_off.store(true, Ordering::SeqCst);
    let changed = BTreeSet::from([need.as_str().into()]);
    let next = Knowledge::new(grown.iter().cloned().chain([entry(&need, &["stow my mandate".to_owned()])]));
    let error = language.update(&next, &changed).unwrap_err();
    assert_eq!(error.to_string(), "sentence encoder here gave no vectors: it is switched off");
}

#[test]
fn the_same_knowledge_is_read_the_same() {
    let again = with(&Synonyms::new(Nature::Computed));
    for (_, text) in paraphrases().take(5) {
        assert_eq!(read(&again, &text).needs, read(&BY_MEANING, &text).needs, "{text}");
    }
}

#[test]
fn bare_topics_pinyin_and_other_languages_are_known_among_many_needs() {
    let language = Language::train(&large::knowledge(700));
    let topic = read(&language, "还款");
    assert_eq!(topic.breadth, Breadth::Topic);
    assert!(topic.needs.len() == 5 && topic.needs.iter().all(|guess| guess.confidence <= 0.45), "{:?}", topic.needs);
    assert_eq!(read(&language, "金贷还款怎么查询").breadth, Breadth::Need);
    let plain = best(&language, "金贷还款怎么查询");
    assert_eq!(best(&language, "jindai huankuan zenme chaxun"), plain);
    for text in ["cómo puedo pagar mi préstamo mañana", "利率を教えてください"] {
        assert!(best(&BY_WORDS, text).1 <= 0.45 && best(&language, text).1 <= 0.45, "{text}");
    }
}
