//! Tasks of the repository itself. `openapi` writes the API's document, from which the web's types are generated.

use anyhow::{Context, bail};
use std::path::Path;

/// The document as committed; `tests/fresh.rs` holds it against the code.
const OPENAPI: &str = "crates/api/openapi.json";

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("openapi") => {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask is in the workspace")?;
            std::fs::write(root.join(OPENAPI), jieti_api::document()).context(OPENAPI)?;
            println!("wrote {OPENAPI}");
            Ok(())
        }
        Some(other) => bail!("task {other:?} is not known; there is: openapi"),
        None => bail!("name a task; there is: openapi"),
    }
}
