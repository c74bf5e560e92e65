//! The repository's own flows and starter pack, read from the working copy.

use jieti_domain::flow::Flows;
use jieti_domain::guidance::Trigger;
use jieti_domain::journey::JourneyMap;
use jieti_domain::knowledge::Entry;
use jieti_domain::service::ServiceRules;
use jieti_engine::pack::{PackError, SourceFile, read_flows, read_journeys, read_knowledge, read_service};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every flow under `flows/`, checked.
///
/// # Errors
/// `PackError` with every problem of every file.
pub fn flows() -> Result<Flows, PackError> {
    read_flows(&files_in(&root().join("flows"))?)
}

/// The knowledge of `packs/consumer-loan`, checked against the flows.
///
/// # Errors
/// `PackError` with every problem of every file.
pub fn knowledge(flows: &Flows) -> Result<Vec<Entry>, PackError> {
    read_knowledge(&files_in(&root().join("packs/consumer-loan/knowledge"))?, flows)
}

/// The service team's rules of `packs/consumer-loan`.
///
/// # Errors
/// `PackError` with every problem of every file.
pub fn service() -> Result<ServiceRules, PackError> {
    read_service(&files_in(&root().join("packs/consumer-loan/service"))?)
}

/// The journeys and triggers of `packs/consumer-loan`.
///
/// # Errors
/// `PackError` with every problem of every file.
pub fn journeys() -> Result<(JourneyMap, Vec<Trigger>), PackError> {
    let pack = root().join("packs/consumer-loan");
    let mut files = files_in(&pack.join("journeys"))?;
    files.extend(files_in(&pack.join("guidance"))?);
    read_journeys(&files)
}

/// Every YAML file below `folder`, in the order of the paths.
///
/// # Errors
/// `PackError` names the path that cannot be read.
pub fn files_in(folder: &Path) -> Result<Vec<SourceFile>, PackError> {
    let mut files = Vec::new();
    collect(folder, &mut files).map_err(|error| PackError { problems: vec![format!("{}: {error}", folder.display())] })?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) -> io::Result<()> {
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(SourceFile { path: path.display().to_string(), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}
