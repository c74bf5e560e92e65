//! `jieti behaviour process`: a process log (XES), its waiting points, and how well the next activity is told.

use anyhow::{Context, bail};
use clap::Args;
use flate2::read::GzDecoder;
use jieti_domain::journey::process::{Activity, Case, NextActivity, accuracy, bigram, waiting_points};
use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::json;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct ProcessArgs {
    /// A log in XES, `.xes` or `.xes.gz`, whose events have `concept:name`, `lifecycle:transition` and `time:timestamp`.
    log: PathBuf,
    /// Percent of the cases, the earliest, that teach; the others are judged.
    #[arg(long, default_value_t = 70)]
    teach: usize,
    /// Waiting points listed.
    #[arg(long, default_value_t = 15)]
    top: usize,
    /// Print one JSON object: cases, activities, taught, judged, next {accuracy, bigram, guesses}, waits [{from, to, median_h, threshold_h,
    /// cases, broken, excess_h}].
    #[arg(long)]
    json: bool,
}

const HOUR_MS: f64 = 3_600_000.0;

pub fn run(args: &ProcessArgs) -> anyhow::Result<()> {
    let mut cases = read(&args.log)?;
    cases.retain(|case| !case.activities.is_empty());
    if cases.len() < 2 {
        bail!("{} has {} cases with activities; a split needs at least 2", args.log.display(), cases.len());
    }
    cases.sort_by_key(|case| case.activities[0].start);
    let activities: usize = cases.iter().map(|c| c.activities.len()).sum();
    let (taught, judged) = cases.split_at((cases.len() * args.teach.clamp(1, 99) / 100).max(1));
    let model = NextActivity::learn(taught);
    let (right, guesses) = accuracy(judged, |seen| model.guess(seen));
    let (floor, _) = accuracy(judged, bigram(taught));
    let points = waiting_points(taught, judged);
    let hours = |ms: i64| ms as f64 / HOUR_MS;
    if args.json {
        let waits: Vec<_> = points
            .iter()
            .take(args.top)
            .map(|p| {
                json!({ "from": p.from, "to": p.to, "median_h": hours(p.median), "threshold_h": hours(p.threshold), "cases": p.cases,
                    "broken": p.broken, "excess_h": hours(p.excess) })
            })
            .collect();
        println!(
            "{}",
            json!({ "cases": cases.len(), "activities": activities, "taught": taught.len(), "judged": judged.len(),
                "next": { "accuracy": right, "bigram": floor, "guesses": guesses }, "waits": waits })
        );
        return Ok(());
    }
    println!("{} cases, {activities} activities; {} teach, {} are judged", cases.len(), taught.len(), judged.len());
    println!("next activity: {:.2} % right of {guesses}; bigram floor {:.2} %\n", right * 100.0, floor * 100.0);
    println!("{:<28}{:<28}{:>9}{:>11}{:>7}{:>8}{:>11}", "from", "to", "median h", "break at h", "cases", "broken", "excess h");
    for p in points.iter().take(args.top) {
        println!(
            "{:<28}{:<28}{:>9.1}{:>11.1}{:>7}{:>8}{:>11.0}",
            p.from,
            p.to,
            hours(p.median),
            hours(p.threshold),
            p.cases,
            p.broken,
            hours(p.excess)
        );
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<Case>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let source: Box<dyn Read> =
        if path.extension().is_some_and(|e| e == "gz") { Box::new(GzDecoder::new(file)) } else { Box::new(file) };
    parse(BufReader::new(source)).with_context(|| path.display().to_string())
}

/// Activities are pairs of `start` and `complete`; an event with another transition is passed over.
fn parse(source: impl BufRead) -> anyhow::Result<Vec<Case>> {
    let mut reader = Reader::from_reader(source);
    let (mut buffer, mut cases) = (Vec::new(), Vec::new());
    let mut case: Option<Case> = None;
    let mut event: Option<HashMap<String, String>> = None;
    let mut open: HashMap<String, i64> = HashMap::new();
    loop {
        match reader.read_event_into(&mut buffer).with_context(|| format!("byte {}", reader.buffer_position()))? {
            Event::Start(tag) => match tag.name().as_ref() {
                "trace" => case = Some(Case::default()),
                "event" => event = Some(HashMap::new()),
                _ => note(&tag, &mut event)?,
            },
            Event::Empty(tag) => note(&tag, &mut event)?,
            Event::End(tag) => match tag.name().as_ref() {
                "event" => {
                    if let (Some(case), Some(event)) = (&mut case, event.take()) {
                        take(case, &mut open, &event)?;
                    }
                }
                "trace" => {
                    open.clear();
                    if let Some(mut case) = case.take() {
                        case.activities.sort_by_key(|a| (a.start, a.end));
                        cases.push(case);
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(cases),
            _ => {}
        }
        buffer.clear();
    }
}

/// Keeps an attribute of the event that is open.
fn note(tag: &BytesStart<'_>, event: &mut Option<HashMap<String, String>>) -> anyhow::Result<()> {
    let Some(event) = event else { return Ok(()) };
    let mut pair = (None, None);
    for attribute in tag.attributes() {
        let attribute = attribute?;
        let text = attribute.value.into_owned();
        match attribute.key.as_ref() {
            "key" => pair.0 = Some(text),
            "value" => pair.1 = Some(text),
            _ => {}
        }
    }
    if let (Some(key), Some(value)) = pair {
        event.insert(key, value);
    }
    Ok(())
}

fn take(case: &mut Case, open: &mut HashMap<String, i64>, event: &HashMap<String, String>) -> anyhow::Result<()> {
    let get = |key: &str| event.get(key).with_context(|| format!("an event has no {key}"));
    let (name, at) = (get("concept:name")?, get("time:timestamp")?);
    let at: Timestamp = at.parse().with_context(|| format!("time {at:?}"))?;
    let at = at.as_millisecond();
    match get("lifecycle:transition")?.as_str() {
        "start" => drop(open.insert(name.clone(), at)),
        "complete" => {
            let start = open.remove(name).unwrap_or(at);
            case.activities.push(Activity { name: name.clone(), start, end: at });
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_and_completes_are_activities_and_a_bad_time_is_told() {
        let event = |name: &str, transition: &str, time: &str| {
            format!(
                r#"<event><string key="concept:name" value="{name}"/><string key="lifecycle:transition" value="{transition}"/><date key="time:timestamp" value="{time}"/></event>"#
            )
        };
        let log = format!(
            "<log><trace>{}{}{}</trace></log>",
            event("a", "start", "2016-08-04T13:39:29.000+03:00"),
            event("a", "complete", "2016-08-04T13:50:12.000+03:00"),
            event("b", "complete", "2016-08-05T10:00:00.000Z"),
        );
        let cases = parse(log.as_bytes()).expect("a log");
        let spans: Vec<_> = cases[0].activities.iter().map(|a| (a.name.as_str(), a.end - a.start)).collect();
        assert_eq!(spans, [("a", 643_000), ("b", 0)]);
        let bad = format!("<log><trace>{}</trace></log>", event("a", "complete", "yesterday"));
        let error = format!("{:#}", parse(bad.as_bytes()).expect_err("no time"));
        assert!(error.contains("\"yesterday\""), "{error}");
    }
}
