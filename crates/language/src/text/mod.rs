//! Text as the models read it: folding, normal form, language, lexicon. Owns what is the same for every reader of a
//! text; knows no needs.

pub mod fold;
pub mod lexicon;
pub mod normal;
pub mod pinyin;
pub mod variant;

pub use fold::{Folded, MAX_CHARS};
pub use normal::{detect, is_han, normalise};
