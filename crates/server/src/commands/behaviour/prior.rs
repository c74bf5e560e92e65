//! `jieti behaviour prior`: how much the journey helps to tell what a customer wants. Ways to ask that the model was not
//! trained on are asked at steps where customers ask for that need; the need is told with and without the step.

use crate::{assets, serve};
use clap::Args;
use jieti_domain::id::NeedId;
use jieti_domain::journey::{BreakKind, JourneyMap, NeedPrior, Platform, StepNo, Whereabouts};
use jieti_domain::knowledge::{Entry, Knowledge};
use jieti_domain::understanding::{Lang, Prior};
use jieti_engine::pack::read_knowledge;
use jieti_language::{Context, Language, Reading};
use jiff::civil::date;
use serde_json::json;

#[derive(Args)]
pub struct PriorArgs {
    /// Folds: each way to ask is asked once, by a model trained without it and every other of its fold.
    #[arg(long, default_value_t = 5)]
    folds: usize,
    /// Of a hundred customers, so many ask about something that has nothing to do with where they are.
    #[arg(long, default_value_t = 30)]
    elsewhere: usize,
    /// Print one JSON object: asked, without {top1, top3}, with {top1, top3}, at_step {without, with}, elsewhere {without, with}.
    #[arg(long)]
    json: bool,
}

/// Hits of one way of telling.
#[derive(Debug, Clone, Copy, Default)]
struct Hits {
    asked: u64,
    top1: u64,
    top3: u64,
}

impl Hits {
    fn note(&mut self, place: Option<usize>) {
        self.asked += 1;
        self.top1 += u64::from(place == Some(0));
        self.top3 += u64::from(place.is_some_and(|p| p < 3));
    }

    fn shares(self) -> serde_json::Value {
        let share = |hits: u64| hits as f64 / self.asked.max(1) as f64;
        json!({ "asked": self.asked, "top1": share(self.top1), "top3": share(self.top3) })
    }
}

pub fn run(args: &PriorArgs) -> anyhow::Result<()> {
    let flows = serve::flows("")?;
    let entries = read_knowledge(&assets::pack(), &flows)?;
    let (map, _) = serve::journeys("")?;
    let folds = args.folds.clamp(2, 20);
    let bar = super::super::progress(folds as u64, "asking");
    // [without, with] the journey, of customers who ask about the step and of others.
    let mut hits = [[Hits::default(); 2]; 2];
    for fold in 0..folds {
        let (taught, asked) = split(&entries, fold, folds);
        let language = Language::train(&Knowledge::new(taught));
        for (number, (need, text)) in asked.into_iter().enumerate() {
            let is_elsewhere = number % 100 < args.elsewhere;
            let Some(step) = step_for(&map, &need, number, is_elsewhere) else { continue };
            let guesses = NeedPrior::default().guess(&map, &whereabouts(&map, step));
            let prior = Prior::new(guesses.into_iter().map(|g| (g.need, g.confidence)));
            for (place, prior) in [None, Some(&prior)].into_iter().enumerate() {
                let context = Context { prior, ..Context::default() };
                let reading = Reading { text: &text, today: date(2026, 11, 22), lang_hint: Some(Lang::ZhCn), context };
                let told = language.understand(&reading);
                hits[usize::from(is_elsewhere)][place].note(told.needs.iter().position(|g| g.need == need));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let sum = |place: usize| {
        let (here, elsewhere) = (hits[0][place], hits[1][place]);
        Hits { asked: here.asked + elsewhere.asked, top1: here.top1 + elsewhere.top1, top3: here.top3 + elsewhere.top3 }
    };
    let both = |of: [Hits; 2]| json!({ "without": of[0].shares(), "with": of[1].shares() });
    let all = both([sum(0), sum(1)]);
    if args.json {
        println!("{}", json!({ "all": all, "at_step": both(hits[0]), "elsewhere": both(hits[1]) }));
        return Ok(());
    }
    println!("{:<44}{:>8}{:>10}{:>10}{:>10}{:>10}", "customers", "asked", "top1", "+journey", "top3", "+journey");
    for (what, of) in
        [("all", [sum(0), sum(1)]), ("who ask about the step they are at", hits[0]), ("who ask about something else", hits[1])]
    {
        let percent = |hits: u64, asked: u64| format!("{:.1} %", 100.0 * hits as f64 / asked.max(1) as f64);
        let [without, with] = of;
        println!(
            "{what:<44}{:>8}{:>10}{:>10}{:>10}{:>10}",
            without.asked,
            percent(without.top1, without.asked),
            percent(with.top1, with.asked),
            percent(without.top3, without.asked),
            percent(with.top3, with.asked)
        );
    }
    Ok(())
}

/// Entries without the fold's ways to ask, and those ways to ask with what they ask for.
fn split(entries: &[Entry], fold: usize, folds: usize) -> (Vec<Entry>, Vec<(NeedId, String)>) {
    let mut asked = Vec::new();
    let taught = entries.iter().map(|entry| {
        let mut entry = entry.clone();
        if let Some(text) = entry.texts.get_mut(&Lang::ZhCn) {
            let ways = std::mem::take(&mut text.ask);
            for (number, way) in ways.into_iter().enumerate() {
                if number % folds == fold { asked.push((entry.id.clone(), way)) } else { text.ask.push(way) }
            }
        }
        entry
    });
    (taught.collect(), asked)
}

/// A step at which customers ask for this need; for one who asks about something else, a step at which they do not.
fn step_for(map: &JourneyMap, need: &NeedId, number: usize, is_elsewhere: bool) -> Option<StepNo> {
    let asks = |step: &usize| map.places[*step].step.needs.contains_key(need);
    let at: Vec<usize> = (0..map.places.len()).filter(asks).collect();
    let from: Vec<usize> = if is_elsewhere { (0..map.places.len()).filter(|step| !asks(step)).collect() } else { at.clone() };
    // Needs of no step are no question for a journey.
    if at.is_empty() {
        return None;
    }
    StepNo::try_from(*from.get(number % from.len().max(1))?).ok()
}

fn whereabouts(map: &JourneyMap, step: StepNo) -> Whereabouts {
    Whereabouts {
        visitor: 0,
        journey: map.journey_of(step).map(|j| j.id.clone()),
        step: map.place(step).map(|p| p.step.id.clone()),
        since: None,
        stuck: vec![BreakKind::Dwell],
        code: None,
        platform: Platform::H5,
        version: None,
        trail: Vec::new(),
        skill: None,
    }
}
