//! The fixtures, and copies of them that a test may spoil.

use jieti_domain::understanding::Lang;
use jieti_encoders::folder::FolderError;
use jieti_encoders::onnx::OnnxEncoder;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// These files of a fixture.
pub fn copy(name: &str, files: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in files {
        std::fs::copy(fixture(name).join(file), folder.path().join(file)).unwrap();
    }
    folder
}

pub fn open(folder: &Path) -> Result<OnnxEncoder, FolderError> {
    OnnxEncoder::open(folder, BTreeSet::from([Lang::En]), &BTreeSet::new())
}
