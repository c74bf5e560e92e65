//! stub
use jieti_domain::understanding::{Lang, Signal};
use std::collections::BTreeSet;
pub fn signals(_text: &str, _lang: Lang) -> BTreeSet<Signal> { BTreeSet::new() }
