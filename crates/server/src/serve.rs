//! `jieti serve`: opens the store, starts the engine, listens.

use crate::assets::{self, Demo};
use crate::config::Config;
use crate::lender::Port;
use crate::meaning;
use crate::writer::writer;
use anyhow::Context;
use axum::Router;
use axum::serve::ListenerExt;
use jieti_api::ApiConfig;
use jieti_domain::flow::Flows;
use jieti_domain::guidance::Trigger;
use jieti_domain::journey::JourneyMap;
use jieti_domain::service::ServiceRules;
use jieti_engine::pack::{SourceFile, journey_problems, read_flows, read_journeys, read_knowledge, read_service};
use jieti_engine::{Engine, Setup, SystemClock};
use jieti_providers::lender::sandbox::{SandboxLender, SandboxSettings};
use jieti_store::{Store, StoreUrl};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running service, before it listens.
pub struct Service {
    pub engine: Engine,
    pub router: Router,
    /// Trains with encoders that must be asked, and puts them to use; customers are served meanwhile.
    pub taking_up: Option<JoinHandle<()>>,
}

/// Who is named as the author of the starter pack's entries.
const PACK_AUTHOR: &str = "starter pack";

pub async fn run(path: &Path) -> anyhow::Result<()> {
    let config = Config::load(path)?;
    let listener =
        TcpListener::bind(config.listen).await.with_context(|| format!("listen = {}: choose another address", config.listen))?;
    // Port 0 of the configuration is any free one; people must hear which.
    let address = listener.local_addr()?;
    let service = start(&config).await?;
    let router = service.router.merge(assets::router(Demo::No));
    tracing::info!(%address, "listening");
    tokio::spawn(renew_encoders(path.to_owned(), service.engine.clone(), service.taking_up));
    println!("console   http://{address}/console/\nAPI docs  http://{address}/docs");
    listen(listener, router, service.engine).await
}

/// Opens the store and starts the engine; an empty store gets the starter pack.
pub async fn start(config: &Config) -> anyhow::Result<Service> {
    let store = Store::open(&StoreUrl::parse(&config.store)).await?;
    let flows = flows(&config.flows)?;
    if store.published_after(None, 1).await?.is_empty() {
        let entries = read_knowledge(&assets::pack(), &flows)?;
        let rows: Vec<_> = entries.into_iter().map(|e| (e.id.clone(), Some(e))).collect();
        store.publish(&rows, PACK_AUTHOR, jieti_engine::Clock::now(&SystemClock)).await?;
        tracing::info!(entries = rows.len(), "the store was empty; the starter pack has been published");
    }
    let lender =
        SandboxLender::new(SandboxSettings::new(config.lender_url.as_str(), config.lender_key.as_str())).context("lender_url")?;
    let mut service = service(&config.service)?;
    let (map, triggers) = journeys(&config.journeys)?;
    service.journeys = Arc::new(map);
    service.triggers = triggers;
    let encoders = meaning::encoders(config)?;
    let setup = Setup {
        policy: config.policy.clone(),
        flows,
        service,
        retention: config.behaviour,
        encoders: encoders.computed(),
        writer: writer(&config.llm)?,
    };
    let engine = Engine::start(store, Arc::new(Port(lender)), Arc::new(SystemClock), setup).await?;
    let rules = &engine.brain().rules;
    let problems = journey_problems(&rules.service.journeys, &rules.service.triggers, &rules.knowledge, &rules.service.routing);
    // Knowledge is edited while the service runs: a name that points to nothing is told, and works for nobody.
    problems.iter().for_each(|problem| tracing::warn!(%problem, "journeys and guidance"));
    let api = ApiConfig {
        identity_secret: config.identity_secret.clone(),
        messages_per_minute: config.messages_per_minute,
        logins_per_minute: config.logins_per_minute,
        secure_cookies: config.secure_cookies,
    };
    let taking_up = encoders.must_be_asked().then(|| tokio::spawn(meaning::take_up(encoders, engine.clone())));
    Ok(Service { router: jieti_api::router(engine.clone(), &api), engine, taking_up })
}

/// Flows of a folder, or those built in where none is named.
pub fn flows(folder: &str) -> anyhow::Result<Flows> {
    let files = if folder.is_empty() { assets::flows() } else { files_of(Path::new(folder))? };
    Ok(read_flows(&files)?)
}

/// Reads the configuration's encoders again at every SIGHUP. A bad one is refused and those in use stay.
async fn renew_encoders(path: PathBuf, engine: Engine, mut first: Option<JoinHandle<()>>) {
    let mut hangups = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
        .expect("the operating system lets a process catch SIGHUP");
    while hangups.recv().await.is_some() {
        if let Some(first) = first.take() {
            first.abort();
        }
        let named = Config::load(&path).and_then(|config| meaning::encoders(&config));
        let used = match named {
            Ok(encoders) => engine.use_encoders(encoders).await.map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        match used {
            Ok(()) => tracing::info!("messages are read with the model and encoders of the configuration"),
            Err(error) => tracing::error!(error = format!("{error:#}"), "what is in use stays"),
        }
    }
}

/// The service team's rules in a folder, or those built in where none is named.
pub fn service(folder: &str) -> anyhow::Result<ServiceRules> {
    let files = if folder.is_empty() { assets::service() } else { yaml_below(Path::new(folder), "service")? };
    Ok(read_service(&files)?)
}

/// Ways through the app and triggers of a folder, or those built in where none is named.
pub fn journeys(folder: &str) -> anyhow::Result<(JourneyMap, Vec<Trigger>)> {
    let files = if folder.is_empty() { assets::journeys() } else { yaml_below(Path::new(folder), "journeys")? };
    Ok(read_journeys(&files)?)
}

/// Every YAML file below a folder; its path is shown as `<shown>/…`, whatever the folder is called.
fn yaml_below(folder: &Path, shown: &str) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).with_context(|| format!("{shown} = {}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                files.push(SourceFile { path: format!("{shown}/{name}"), text });
            }
        }
    }
    Ok(files)
}

fn files_of(folder: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("flows = {}", folder.display()))? {
        let path = entry?.path().join("flow.yaml");
        if path.is_file() {
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            files.push(SourceFile { path: path.display().to_string(), text });
        }
    }
    Ok(files)
}

/// Serves until Ctrl-C or SIGTERM. Everything acknowledged is on disk, so there is nothing to save on the way out.
pub async fn listen(listener: TcpListener, router: Router, engine: Engine) -> anyhow::Result<()> {
    tokio::spawn(engine.run_worker());
    let stop = async {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("the operating system lets a process catch SIGTERM");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
    };
    // Frames are small and each is wanted at once: an answer would wait 40 ms for the receipt of its acknowledgement.
    let listener = listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a socket keeps Nagle's delay");
        }
    });
    // Open WebSockets would keep a graceful shutdown waiting for ever.
    tokio::select! {
        served = axum::serve(listener, router) => served.context("serving"),
        () = stop => Ok(()),
    }
}
