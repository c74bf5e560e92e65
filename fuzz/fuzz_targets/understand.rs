//! Coverage-guided texts for the reader and the mask: whatever the bytes, no panic and no fault that `fuzz::check` knows.

#![no_main]

use jieti_domain::knowledge::{Audience, Cause, CauseKind, Entry, EntryText, Knowledge, Validity};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::Lang;
use jieti_language::Language;
use jieti_language::fuzz::check;
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Id and language, the title, another way to ask.
const ENTRIES: [(&str, Lang, &str, &str); 8] = [
    ("repay", Lang::ZhCn, "怎么还款", "在哪里还钱"),
    ("early", Lang::ZhCn, "怎么提前还款", "提前结清要手续费吗"),
    ("limit", Lang::ZhCn, "额度怎么提高", "额度太低了"),
    ("phone", Lang::ZhCn, "怎么换手机号", "号码不用了"),
    ("repay", Lang::En, "how do i repay", "where can i pay"),
    ("early", Lang::En, "how do i repay early", "pay off everything"),
    ("limit", Lang::En, "how can i increase my limit", "my limit is too low"),
    ("phone", Lang::En, "how do i change my phone number", "i lost my number"),
];

static LANGUAGE: LazyLock<Language> = LazyLock::new(|| {
    let mut entries: BTreeMap<&str, Entry> = BTreeMap::new();
    for (id, lang, title, ask) in ENTRIES {
        let entry = entries.entry(id).or_insert_with(|| Entry {
            id: id.into(),
            stage: "fuzz".to_owned(),
            risk: Risk::Low,
            cause: Cause { kind: CauseKind::Business, area: "fuzz".to_owned() },
            owner: "fuzz".to_owned(),
            flow: None,
            signed_in: false,
            valid: Validity::ALWAYS,
            audience: Audience::default(),
            variants: Vec::new(),
            texts: BTreeMap::new(),
        });
        let text =
            Box::new(EntryText { title: title.to_owned(), ask: vec![ask.to_owned()], answer: format!("{title}."), buttons: Vec::new() });
        entry.texts.insert(lang, text);
    }
    Language::train(&Knowledge::new(entries.into_values()))
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Err(fault) = check(&LANGUAGE, &text) {
        panic!("{fault}: {text:?}");
    }
});
