//! What an encoder knows beyond the vector by which texts are compared.

use jieti_domain::understanding::Lang;
use jieti_language::encoder::sentence::{EncodeError, Masked, Nature, Patience, SentenceEncoder};
use jieti_language::eval::{Faq, Kind, Line, evaluate};
use std::sync::Arc;

const CLASSES: u64 = 4;
const WIDTH: usize = 8;

/// To it all texts mean the same; what a text is about it knows by its longest word alone, and tells in the detail if at all.
#[derive(Debug)]
struct Knowing {
    tells: bool,
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number ^ (number >> 29)
}

fn longest(text: &str) -> u64 {
    let word = text.split(' ').max_by_key(|word| word.len()).unwrap_or_default();
    word.bytes().fold(7, |hash, byte| mixed(hash ^ u64::from(byte)))
}

fn unit(number: u64) -> f32 {
    (mixed(number) >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
}

impl SentenceEncoder for Knowing {
    fn knows(&self, lang: Lang) -> bool {
        lang == Lang::En
    }

    fn nature(&self) -> Nature {
        Nature::Computed
    }

    fn detail(&self) -> usize {
        if self.tells { WIDTH } else { 0 }
    }

    fn encode(&self, texts: &[Masked], _: Patience) -> Result<Vec<Vec<f32>>, EncodeError> {
        let vector = |text: &Masked| {
            let word = longest(text.as_str());
            let detail = (0..self.detail() as u64).map(|n| unit(word % CLASSES * 100 + n) + 0.5 * unit(word ^ (n << 50)));
            [1.0, 0.0].into_iter().chain(detail).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }
}

/// A question about something that has a name of its own, and its class.
fn question(number: u64) -> (usize, String) {
    let letters = (0..12).map(|at| char::from(b'a' + u8::try_from(mixed(number * 16 + at) % 26).unwrap()));
    let text = format!("how do i use the {}", letters.collect::<String>());
    (usize::try_from(longest(&text) % CLASSES).unwrap(), text)
}

#[test]
fn what_the_detail_knows_is_learnt_and_read() {
    let mut faqs: Vec<Faq> =
        (0..CLASSES).map(|id| Faq { id: id.to_string(), questions: Vec::new(), answer: String::new() }).collect();
    for (class, text) in (0..200).map(question) {
        faqs[class].questions.push(text);
    }
    let known = |(class, text): (usize, String)| Line { text, gold: Some(class.to_string()), kind: Kind::In };
    let test: Vec<Line> = (1_000..1_200).map(question).map(known).collect();
    let top1 = |tells: bool| {
        let encoder: Arc<dyn SentenceEncoder> = Arc::new(Knowing { tells });
        evaluate(&faqs, &[], Some(&encoder), &test).unwrap().top1
    };
    let (with, without) = (top1(true), top1(false));
    assert!(with > 0.95 && without < 0.5, "{with} with the detail, {without} without");
}
