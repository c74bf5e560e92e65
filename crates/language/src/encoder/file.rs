//! The encoder as bytes: what a model file and a checkpoint consist of. Owns header, version and checksum; opens no files.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `JIETI-EN` (a model) or `JIETI-CP` (a checkpoint) |
//! | 4 | version, little endian |
//! | 4 + 4 | rows, dimensions |
//! | 8 | length of what follows, before the checksum |
//! | … | content |
//! | 32 | SHA-256 of everything before |

use super::grams::ROWS;
use super::rounded::Rounded;
use super::{Cohort, Encoder, Member, WIDTH};
use jieti_domain::understanding::Lang;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Raised whenever grams, table or training change so that an older file would be read wrongly.
pub const VERSION: u32 = 2;
const MODEL: &[u8; 8] = b"JIETI-EN";
pub(super) const CHECKPOINT: &[u8; 8] = b"JIETI-CP";
const HEADER: usize = 8 + 4 + 4 + 4 + 8;
const CHECKSUM: usize = 32;

/// Why bytes are no encoder.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ModelError {
    #[error("this is no file of that kind: it does not begin with {expected:?}; write one with `jieti train`")]
    NotAModel { expected: String },
    #[error("the model has format {found} and this program reads {VERSION}; train it again with `jieti train`")]
    Version { found: u32 },
    #[error("the model has {rows} rows of {width} and this program reads {ROWS} of {WIDTH}; train it again with `jieti train`")]
    Shape { rows: u32, width: u32 },
    #[error("the model is {found} bytes long and should be {expected}: it was cut off; copy it again")]
    Truncated { found: usize, expected: usize },
    #[error("the model's checksum does not fit its content: it is damaged; copy it again")]
    Damaged,
    #[error("the checkpoint is of another training (other pairs or settings); delete it to begin anew")]
    OtherTraining,
}

/// Members of an encoder in a file; more would only cost memory.
const MOST_MEMBERS: usize = 8;
/// The content begins with one byte, a bit for each language that the encoder was trained on, and one with the number of its
/// members. Behind the members stands the cohort: a factor and a byte a dimension for each vector.
const LANGS: [(Lang, u8); 2] = [(Lang::ZhCn, 1), (Lang::En, 2)];
/// Bytes of a member: a factor and a byte a dimension for each row.
const MEMBER: usize = ROWS * (4 + WIDTH);

impl Encoder {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut content = Vec::with_capacity(1 + self.members.len() * MEMBER);
        content.push(LANGS.iter().filter(|(lang, _)| self.langs.contains(lang)).map(|(_, bit)| bit).sum());
        content.push(self.members.len() as u8);
        for member in &self.members {
            member.scales.iter().for_each(|s| content.extend_from_slice(&s.to_le_bytes()));
            content.extend(member.rows.iter().map(|v| v.to_le_bytes()[0]));
        }
        let cohort = || self.cohort.vectors.rows();
        cohort().for_each(|row| content.extend_from_slice(&row.scale.to_le_bytes()));
        content.extend(cohort().flat_map(|row| row.numbers()).map(|v| v.to_le_bytes()[0]));
        seal(MODEL, &content)
    }

    /// # Errors
    /// What is wrong with the bytes, and the mend.
    pub fn from_bytes(bytes: &[u8]) -> Result<Encoder, ModelError> {
        let content = unseal(MODEL, bytes)?;
        let (langs, content) = content.split_first().ok_or(ModelError::Damaged)?;
        let langs = LANGS.iter().filter(|(_, bit)| langs & bit != 0).map(|(lang, _)| *lang).collect();
        let (count, content) = content.split_first().ok_or(ModelError::Damaged)?;
        let count = usize::from(*count);
        if !(1..=MOST_MEMBERS).contains(&count) || content.len() < count * MEMBER {
            return Err(ModelError::Damaged);
        }
        let (members, rest) = content.split_at(count * MEMBER);
        let member = |bytes: &[u8]| {
            let (scales, rows) = bytes.split_at(ROWS * 4);
            Member { scales: floats(scales), rows: signed(rows).collect() }
        };
        let width = count * WIDTH;
        if !rest.len().is_multiple_of(4 + width) {
            return Err(ModelError::Damaged);
        }
        let (scales, rows) = rest.split_at(rest.len() / (4 + width) * 4);
        let mut vectors = Rounded::new(width);
        for (row, scale) in rows.chunks_exact(width).zip(floats(scales)) {
            vectors.push_numbers(signed(row), scale);
        }
        let cohort = Cohort { vectors };
        Ok(Encoder { members: members.chunks_exact(MEMBER).map(member).collect(), langs, cohort })
    }
}

/// The first 12 hexadecimal digits of the checksum that ends a file: names a model in logs and reports.
pub fn fingerprint(bytes: &[u8]) -> String {
    bytes.iter().skip(bytes.len().saturating_sub(CHECKSUM)).take(6).map(|b| format!("{b:02x}")).collect()
}

pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

fn signed(bytes: &[u8]) -> impl Iterator<Item = i8> {
    bytes.iter().map(|b| i8::from_le_bytes([*b]))
}

pub(super) fn seal(kind: &[u8; 8], content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + content.len() + CHECKSUM);
    bytes.extend_from_slice(kind);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(ROWS as u32).to_le_bytes());
    bytes.extend_from_slice(&(WIDTH as u32).to_le_bytes());
    bytes.extend_from_slice(&(content.len() as u64).to_le_bytes());
    bytes.extend_from_slice(content);
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

pub(super) fn unseal<'a>(kind: &[u8; 8], bytes: &'a [u8]) -> Result<&'a [u8], ModelError> {
    if !bytes.starts_with(kind) {
        return Err(ModelError::NotAModel { expected: String::from_utf8_lossy(kind).into_owned() });
    }
    let number = |at: usize| bytes.get(at..at + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    let short = |expected| ModelError::Truncated { found: bytes.len(), expected };
    let least = HEADER + CHECKSUM;
    let (Some(version), Some(rows), Some(width), Some(low), Some(high)) =
        (number(8), number(12), number(16), number(20), number(24))
    else {
        return Err(short(least));
    };
    if version != VERSION {
        return Err(ModelError::Version { found: version });
    }
    if (rows as usize, width as usize) != (ROWS, WIDTH) {
        return Err(ModelError::Shape { rows, width });
    }
    let stated = usize::try_from(u64::from(high) << 32 | u64::from(low)).unwrap_or(usize::MAX);
    let expected = stated.saturating_add(least);
    if bytes.len() < expected {
        return Err(short(expected));
    }
    let (signed, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if bytes.len() != expected || Sha256::digest(signed).as_slice() != checksum {
        return Err(ModelError::Damaged);
    }
    Ok(&signed[HEADER..])
}
