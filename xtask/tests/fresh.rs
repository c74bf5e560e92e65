//! The committed API document is the one that the code describes.

#[test]
fn the_api_document_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/api/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == jieti_api::document(), "crates/api/openapi.json is stale; run `make api-client` and commit both files");
}
