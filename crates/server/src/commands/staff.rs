//! `jieti staff`: adds people. The password comes from standard input, never from the command line.

use crate::config::Config;
use anyhow::{Context, bail};
use clap::Args;
use jieti_domain::id::StaffId;
use jieti_engine::new_id;
use jieti_store::{NewStaff, Store, StoreUrl, WriteError};
use std::path::PathBuf;

#[derive(Args)]
pub struct StaffArgs {
    /// Log-in name.
    name: String,
    /// Name shown to customers.
    #[arg(long)]
    display_name: String,
    /// Roles: agent, silent_seat, supervisor, inspector, knowledge_editor, admin.
    #[arg(long, value_delimiter = ',', required = true)]
    roles: Vec<String>,
    /// Configuration file (TOML); the server must not be running on a SQLite store.
    #[arg(long, default_value = "jieti.toml")]
    config: PathBuf,
}

const ROLES: [&str; 7] = ["agent", "silent_seat", "supervisor", "inspector", "knowledge_editor", "owner", "admin"];
const SHORTEST_PASSWORD: usize = 10;

pub async fn run(args: StaffArgs) -> anyhow::Result<()> {
    if let Some(unknown) = args.roles.iter().find(|r| !ROLES.contains(&r.as_str())) {
        bail!("role {unknown:?} is not known; choose of {}", ROLES.join(", "));
    }
    let config = Config::load(&args.config)?;
    eprint!("password for {}: ", args.name);
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).context("reading the password")?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.chars().count() < SHORTEST_PASSWORD {
        bail!("the password has fewer than {SHORTEST_PASSWORD} characters; choose a longer one");
    }
    let store = Store::open(&StoreUrl::parse(&config.store)).await?;
    let staff = NewStaff {
        id: StaffId::new(new_id("st")),
        name: args.name.clone(),
        display_name: args.display_name,
        password_hash: jieti_api::hash_password(password).map_err(anyhow::Error::msg)?,
        roles: args.roles,
    };
    match store.add_staff(&staff).await {
        Err(WriteError::Conflict) => bail!("{} exists already; choose another log-in name", args.name),
        other => other?,
    }
    println!("{} may log in now", args.name);
    Ok(())
}
