//! stub
use jieti_domain::understanding::Mood;
pub fn mood(_text: &str) -> Mood { Mood::default() }
