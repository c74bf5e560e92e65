//! The starter pack and a reader trained on it, for every test of the reader.
#![allow(dead_code, reason = "each test file uses a part")]

use jieti_domain::id::NeedId;
use jieti_domain::knowledge::{Audience, Cause, CauseKind, Entry, EntryText, Knowledge, Validity};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::{Lang, Understanding};
use jieti_language::{Context, Language, Reading};
use jiff::civil::date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Stage {
    stage: String,
    entries: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    id: String,
    title: String,
    ask: Vec<String>,
    answer: String,
    flow: Option<String>,
}

pub static PACK: LazyLock<Knowledge> = LazyLock::new(read_pack);
pub static LANGUAGE: LazyLock<Language> = LazyLock::new(|| Language::train(&PACK));

fn read_pack() -> Knowledge {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/consumer-loan/knowledge");
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for (folder, lang) in [("zh-CN", Lang::ZhCn), ("en", Lang::En)] {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(root.join(folder)).expect("pack").map(|f| f.expect("file").path()).collect();
        files.sort();
        for file in files {
            let text = std::fs::read_to_string(&file).expect("readable");
            let stage: Stage = serde_saphyr::from_str(&text).expect("a stage file");
            for written in stage.entries {
                let entry = entries.entry(written.id.clone()).or_insert_with(|| entry(&written.id, &stage.stage));
                let text =
                    Box::new(EntryText { title: written.title, ask: written.ask, answer: written.answer, buttons: Vec::new() });
                entry.texts.insert(lang, text);
                entry.flow = entry.flow.take().or(written.flow.as_deref().map(Into::into));
            }
        }
    }
    Knowledge::new(entries.into_values())
}

pub fn entry(id: &str, stage: &str) -> Entry {
    Entry {
        id: NeedId::from(id),
        stage: stage.to_owned(),
        risk: Risk::Low,
        cause: Cause { kind: CauseKind::Business, area: "test".to_owned() },
        owner: "test".to_owned(),
        flow: None,
        signed_in: false,
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::new(),
    }
}

pub fn read(language: &Language, text: &str) -> Understanding {
    language.understand(&Reading { text, today: date(2026, 11, 22), lang_hint: None, context: Context::default() })
}
