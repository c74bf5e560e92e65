//! `jieti import`: knowledge from CSV, XLSX or YAML. Every bad row is reported by file, row and reason.

use crate::config::Config;
use crate::serve;
use anyhow::{Context, bail};
use calamine::{Data, Reader};
use clap::Args;
use jieti_domain::id::{FlowId, NeedId};
use jieti_domain::knowledge::{Audience, Cause, CauseKind, Entry, EntryButton, EntryText, Knowledge, Validity};
use jieti_domain::tier::Risk;
use jieti_domain::understanding::Lang;
use jieti_engine::pack::{SourceFile, read_knowledge};
use jieti_engine::{Clock, SystemClock};
use jieti_store::{Store, StoreUrl};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Tables have one row a need and language, with the columns: id, title, risk (low, medium, high, human), cause
/// (business, process, operation), area, owner, ask (ways to ask, separated by |), answer; and if wanted: lang (zh-CN or
/// en), flow, signed_in (yes), button (label => app://page, flow:<id> or ask:<id>; several separated by |). YAML files are
/// those of a pack.
#[derive(Args)]
pub struct ImportArgs {
    /// .csv, .xlsx or .yaml files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Import the good rows although there are bad ones.
    #[arg(long)]
    skip_bad: bool,
    /// Say what would be imported and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Configuration file (TOML) that names the store; the server must not be running on a SQLite store.
    #[arg(long, default_value = "jieti.toml")]
    config: PathBuf,
    /// Print one JSON object: rows, good, bad, imported, problems [{file, row, reason}].
    #[arg(long)]
    json: bool,
}

struct Problem {
    file: String,
    row: usize,
    reason: String,
}

#[derive(Default)]
struct Found {
    rows: usize,
    entries: BTreeMap<NeedId, (Entry, String, usize)>,
    problems: Vec<Problem>,
}

pub async fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let config = Config::load(&args.config)?;
    let flows = serve::flows(&config.flows)?;
    let store = Store::open(&StoreUrl::parse(&config.store)).await?;
    let published: Vec<Entry> = store.published().await?.into_iter().filter_map(|v| v.entry).collect();
    let mut found = Found::default();
    let bar = super::progress(args.files.len() as u64, "reading");
    for path in &args.files {
        match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => read_table(&mut found, path, csv_rows(path)?),
            Some("xlsx") => read_table(&mut found, path, xlsx_rows(path)?),
            Some("yaml" | "yml") => read_yaml(&mut found, path, &flows)?,
            _ => bail!("{} is neither .csv, .xlsx nor .yaml; convert it first", path.display()),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    refuse_contradictions(&mut found, &published, &flows);
    let good: Vec<Entry> = found.entries.values().map(|(entry, ..)| entry.clone()).collect();
    let stop = !found.problems.is_empty() && !args.skip_bad;
    let imported = if stop || args.dry_run { 0 } else { good.len() };
    if imported > 0 {
        let rows: Vec<_> = good.iter().map(|e| (e.id.clone(), Some(e.clone()))).collect();
        store.publish(&rows, "import", SystemClock.now()).await?;
    }
    print(args, &found, good.len(), imported);
    if stop {
        bail!("{} bad rows, nothing was imported; mend them, or import the good ones with --skip-bad", found.problems.len());
    }
    Ok(())
}

type Table = (Vec<String>, Vec<Vec<String>>);

fn csv_rows(path: &Path) -> anyhow::Result<Table> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).with_context(|| path.display().to_string())?;
    let header = reader.headers().with_context(|| path.display().to_string())?.iter().map(clean).collect();
    let rows: Result<Vec<Vec<String>>, csv::Error> = reader.records().map(|r| r.map(|r| r.iter().map(clean).collect())).collect();
    Ok((header, rows.with_context(|| path.display().to_string())?))
}

fn xlsx_rows(path: &Path) -> anyhow::Result<Table> {
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).with_context(|| path.display().to_string())?;
    let sheet = book.worksheet_range_at(0).with_context(|| format!("{} has no sheet", path.display()))?;
    let sheet = sheet.with_context(|| path.display().to_string())?;
    let mut rows = sheet.rows().map(|row| row.iter().map(|cell| clean(&cell_text(cell))).collect::<Vec<String>>());
    let header = rows.next().with_context(|| format!("{} is empty", path.display()))?;
    Ok((header, rows.collect()))
}

fn cell_text(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

/// Spreadsheets put a byte order mark before the first name.
fn clean(text: &str) -> String {
    text.trim().trim_start_matches('\u{feff}').to_owned()
}

const NEEDED: [&str; 8] = ["id", "title", "risk", "cause", "area", "owner", "ask", "answer"];

fn read_table(found: &mut Found, path: &Path, (header, rows): Table) {
    let file = path.display().to_string();
    let missing: Vec<&str> = NEEDED.iter().filter(|n| !header.iter().any(|h| h == *n)).copied().collect();
    if !missing.is_empty() {
        found.problems.push(Problem { file, row: 1, reason: format!("columns missing: {}", missing.join(", ")) });
        return;
    }
    for (place, row) in rows.into_iter().enumerate() {
        let number = place + 2;
        if row.iter().all(String::is_empty) {
            continue;
        }
        found.rows += 1;
        let cell = |name: &str| header.iter().position(|h| h == name).and_then(|at| row.get(at)).map_or("", String::as_str);
        let outcome = entry_of(&cell).and_then(|(entry, lang)| {
            let problems = entry.problems();
            match problems.first() {
                Some(problem) => Err(problem.to_string()),
                None => add(found, entry, lang, &file, number),
            }
        });
        if let Err(reason) = outcome {
            found.problems.push(Problem { file: file.clone(), row: number, reason });
        }
    }
}

fn entry_of<'a>(cell: &dyn Fn(&str) -> &'a str) -> Result<(Entry, Lang), String> {
    let word = |name: &str| serde_json::Value::String(cell(name).to_lowercase());
    let risk: Risk = serde_json::from_value(word("risk"))
        .map_err(|_| format!("risk is {:?}; write low, medium, high or human", cell("risk")))?;
    let kind: CauseKind = serde_json::from_value(word("cause"))
        .map_err(|_| format!("cause is {:?}; write business, process or operation", cell("cause")))?;
    let lang = match cell("lang") {
        "" | "zh-CN" | "zh" => Lang::ZhCn,
        "en" => Lang::En,
        other => return Err(format!("lang is {other:?}; write zh-CN or en")),
    };
    let parts =
        |name: &str| cell(name).split('|').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let buttons = parts("button").iter().map(|b| button_of(b)).collect::<Result<Vec<_>, _>>()?;
    let text =
        Box::new(EntryText { title: cell("title").to_owned(), ask: parts("ask"), answer: cell("answer").to_owned(), buttons });
    let entry = Entry {
        id: NeedId::from(cell("id")),
        stage: cell("id").split('.').next().unwrap_or_default().to_owned(),
        risk,
        cause: Cause { kind, area: cell("area").to_owned() },
        owner: cell("owner").to_owned(),
        flow: Some(cell("flow")).filter(|f| !f.is_empty()).map(FlowId::from),
        signed_in: matches!(cell("signed_in").to_lowercase().as_str(), "yes" | "true" | "1" | "是"),
        valid: Validity::ALWAYS,
        audience: Audience::default(),
        variants: Vec::new(),
        texts: BTreeMap::from([(lang, text)]),
    };
    Ok((entry, lang))
}

fn button_of(text: &str) -> Result<EntryButton, String> {
    let (label, target) = text
        .split_once("=>")
        .map(|(label, target)| (label.trim(), target.trim()))
        .ok_or_else(|| format!("button {text:?} has no target; write label => app://page"))?;
    let none = EntryButton { label: label.to_owned(), open: None, flow: None, ask: None };
    Ok(match target.split_once(':') {
        Some(("flow", id)) => EntryButton { flow: Some(FlowId::from(id)), ..none },
        Some(("ask", id)) => EntryButton { ask: Some(NeedId::from(id)), ..none },
        Some(_) => EntryButton { open: Some(target.to_owned()), ..none },
        None => return Err(format!("button {label:?}: target {target:?} is not app://…, flow:<id> or ask:<id>")),
    })
}

/// A second row of the same need adds its language.
fn add(found: &mut Found, entry: Entry, lang: Lang, file: &str, row: usize) -> Result<(), String> {
    match found.entries.get_mut(&entry.id) {
        None => {
            found.entries.insert(entry.id.clone(), (entry, file.to_owned(), row));
            Ok(())
        }
        Some((known, known_file, known_row)) if known.texts.contains_key(&lang) => {
            Err(format!("{} in this language is in {known_file} row {known_row} already; keep one", entry.id))
        }
        Some((known, ..)) => {
            known.texts.extend(entry.texts);
            Ok(())
        }
    }
}

fn read_yaml(found: &mut Found, path: &Path, flows: &jieti_domain::flow::Flows) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let file = path.display().to_string();
    // A lone stage file is read as one of the pack's first language.
    let source = SourceFile { path: format!("zh-CN/{file}"), text };
    match read_knowledge(&[source], flows) {
        Ok(entries) => {
            found.rows += entries.len();
            for (place, entry) in entries.into_iter().enumerate() {
                if let Err(reason) = add(found, entry, Lang::ZhCn, &file, place + 1) {
                    found.problems.push(Problem { file: file.clone(), row: place + 1, reason });
                }
            }
        }
        Err(error) => {
            found.problems.extend(error.problems.into_iter().map(|reason| Problem { file: file.clone(), row: 1, reason }));
        }
    }
    Ok(())
}

/// What is wrong only together with what is published already: unknown targets, the same question twice.
fn refuse_contradictions(found: &mut Found, published: &[Entry], flows: &jieti_domain::flow::Flows) {
    let imported = found.entries.values().map(|(entry, ..)| entry.clone());
    let all = Knowledge::new(published.iter().cloned()).with(imported);
    for problem in all.problems_of(&found.entries.keys().cloned().collect(), &flows.ids()) {
        let reason = problem.to_string();
        let guilty = found.entries.keys().find(|id| reason.contains(&format!("{:?}", id.as_str()))).cloned();
        if let Some((_, file, row)) = guilty.and_then(|id| found.entries.remove(&id)) {
            found.problems.push(Problem { file, row, reason });
        }
    }
}

fn print(args: &ImportArgs, found: &Found, good: usize, imported: usize) {
    if args.json {
        let problems: Vec<_> =
            found.problems.iter().map(|p| serde_json::json!({ "file": p.file, "row": p.row, "reason": p.reason })).collect();
        let bad = found.problems.len();
        println!(
            "{}",
            serde_json::json!({ "rows": found.rows, "good": good, "bad": bad, "imported": imported, "problems": problems })
        );
        return;
    }
    for problem in &found.problems {
        println!("{} row {}: {}", problem.file, problem.row, problem.reason);
    }
    println!("{} rows, {good} entries good, {} problems, {imported} imported", found.rows, found.problems.len());
}
