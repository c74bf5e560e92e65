//! Arrows between crates point one way. Reads `cargo metadata`; a new edge needs a line here and a reason in its commit.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::BTreeSet;

/// Crate → the crates of this workspace that it may use. DESIGN.md's edges, and those that ARCHITECTURE.md adds.
const EDGES: &[(&str, &[&str])] = &[
    ("jieti-domain", &[]),
    ("jieti-language", &["jieti-domain"]),
    ("jieti-encoders", &["jieti-domain", "jieti-language", "jieti-store"]),
    ("jieti-store", &["jieti-domain"]),
    ("jieti-providers", &["jieti-domain"]),
    ("jieti-engine", &["jieti-domain", "jieti-language", "jieti-store"]),
    ("jieti-api", &["jieti-domain", "jieti-engine", "jieti-store"]),
    ("jieti-sandbox-lender", &[]),
    ("jieti-simulation", &["jieti-domain"]),
    // Knows the service as any client does: by its HTTP API.
    ("jieti-crowd", &[]),
    (
        "jieti",
        &[
            "jieti-api",
            "jieti-crowd",
            "jieti-domain",
            "jieti-encoders",
            "jieti-engine",
            "jieti-language",
            "jieti-providers",
            "jieti-sandbox-lender",
            "jieti-simulation",
            "jieti-store",
        ],
    ),
    (
        "jieti-testkit",
        &["jieti-domain", "jieti-engine", "jieti-language", "jieti-providers", "jieti-sandbox-lender", "jieti-store"],
    ),
    ("xtask", &["jieti-api"]),
];

#[test]
fn crates_depend_only_along_the_listed_edges() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let ours: BTreeSet<&str> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    let listed: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(ours, listed, "every crate of the workspace is listed");
    for package in &metadata.packages {
        let allowed =
            EDGES.iter().find(|(name, _)| *name == package.name.as_str()).map(|(_, allowed)| *allowed).unwrap_or_default();
        let used = package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal && ours.contains(d.name.as_str()));
        for dependency in used {
            assert!(
                allowed.contains(&dependency.name.as_str()),
                "{} must not use {}; see ARCHITECTURE.md",
                package.name,
                dependency.name
            );
        }
    }
}

/// Invariant 7, as far as the compiler's dependencies show it.
#[test]
fn domain_has_no_runtime_network_or_randomness() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs");
    let domain = metadata.packages.iter().find(|p| p.name.as_str() == "jieti-domain").expect("the domain crate");
    let used: BTreeSet<&str> =
        domain.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.as_str()).collect();
    assert_eq!(used, BTreeSet::from(["aho-corasick", "jiff", "serde", "serde_json", "statrs", "thiserror", "utoipa"]));
}
