//! Starts the sandbox lender from the command line. Owns arguments, logging and the signals that stop it.

use anyhow::Context;
use clap::Parser;
use jieti_sandbox_lender::clock::SystemClock;
use jieti_sandbox_lender::{Config, Place, serve};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// A small lender for demos and tests; its API is described at /docs.
#[derive(Parser)]
struct Arguments {
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    #[arg(long, default_value_t = 7071)]
    port: u16,
    /// The store file; made and seeded where it does not exist. Without one the lender forgets everything when it stops.
    #[arg(long)]
    db: Option<PathBuf>,
    /// What callers send as their bearer key.
    #[arg(long, default_value = "sandbox", env = "SANDBOX_LENDER_KEY")]
    api_key: String,
    /// Where customers reach it, for the links on certificates.
    #[arg(long)]
    public_url: Option<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().init();
    let Arguments { host, port, db, api_key, public_url } = Arguments::parse();
    let store = db.map_or(Place::Memory, Place::File);
    let listener =
        tokio::net::TcpListener::bind((host, port)).await.with_context(|| format!("cannot listen on {host}:{port}"))?;
    let config = Config { store, api_key, public_url, clock: Arc::new(SystemClock) };
    let stopped = async {
        if let Err(cause) = tokio::signal::ctrl_c().await {
            tracing::error!(%cause, "cannot listen for the interrupt; stop the process instead");
            std::future::pending::<()>().await;
        }
    };
    serve(config, listener, stopped).await.context("sandbox lender stopped")
}
