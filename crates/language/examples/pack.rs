use jieti_domain::knowledge::*; use jieti_domain::tier::Risk; use jieti_domain::understanding::*; use jieti_domain::id::*;
use jieti_language::{eval::*, *}; use std::collections::*; use std::time::Instant;
#[derive(serde::Deserialize)] struct F { stage: String, entries: Vec<E> }
#[derive(serde::Deserialize)] struct E { id: String, title: String, ask: Vec<String>, answer: String }
fn main() {
  let mut map: BTreeMap<String, Entry> = BTreeMap::new();
  let mut faqs: HashMap<&str, Vec<Faq>> = HashMap::new();
  for (dir, lang) in [("zh-CN", Lang::ZhCn), ("en", Lang::En)] {
    let mut fs: Vec<_> = std::fs::read_dir(format!("/work/main/packs/consumer-loan/knowledge/{dir}")).unwrap().map(|f| f.unwrap().path()).collect(); fs.sort();
    for f in fs { let f: F = serde_saphyr::from_str(&std::fs::read_to_string(f).unwrap()).unwrap();
      for e in f.entries { 
        let mut qs = vec![e.title.clone()]; for a in &e.ask { if !qs.contains(a) { qs.push(a.clone()); } }
        faqs.entry(dir).or_default().push(Faq { id: e.id.clone(), questions: qs, answer: e.answer.clone() });
        map.entry(e.id.clone()).or_insert_with(|| Entry { id: NeedId(e.id.clone()), stage: f.stage.clone(), risk: Risk::Low, cause: Cause { kind: CauseKind::Business, area: String::new() }, owner: String::new(), flow: None, signed_in: false, texts: BTreeMap::new() }).texts.insert(lang, EntryText { title: e.title, ask: e.ask, answer: e.answer, buttons: vec![] }); } } }
  let k = Knowledge::new(map.into_values());
  let t = Instant::now(); let l = Language::train(&k); println!("train {:?}", t.elapsed());
  let t = Instant::now(); let id = NeedId::from("repayment.due_date"); let _ = l.update(&k, &[id].into()); println!("update-noop {:?}", t.elapsed());
  let args: Vec<String> = std::env::args().skip(1).collect();
  let today = jiff::civil::date(2026, 11, 22);
  if args.first().map(String::as_str) == Some("cv") {
    for dir in ["zh-CN", "en"] { let far: Vec<Line> = std::fs::read_to_string(format!("/tmp/far-{dir}.txt")).unwrap_or_default().lines().map(|t| Line { text: t.into(), gold: None, kind: Kind::Far }).collect();
      show(dir, &cross_validate(&faqs[dir], &far)); }
  }
  if args.first().map(String::as_str) == Some("faq") {
    let d = "/work/shared/data/faq_zh"; let rd = |f: &str| -> Vec<serde_json::Value> { std::fs::read_to_string(format!("{d}/{f}")).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect() };
    let s = |v: &serde_json::Value, k: &str| v[k].as_str().unwrap_or_default().to_owned();
    let kb: Vec<Faq> = rd("kb.jsonl").iter().map(|v| Faq { id: s(v, "faq"), questions: std::iter::once(s(v, "standard")).chain(v["similar"].as_array().unwrap().iter().map(|x| x.as_str().unwrap().to_owned())).collect(), answer: String::new() }).collect();
    let dev: Vec<Line> = rd("dev.jsonl").iter().map(|v| Line { text: s(v, "text"), gold: v["gold"].as_str().map(str::to_owned), kind: match s(v, "kind").as_str() { "in" => Kind::In, "near" => Kind::Near, _ => Kind::Far } }).collect();
    let pairs: Option<Vec<Pair>> = args.get(1).map(|_| rd("pairs_train.jsonl").iter().map(|v| Pair { a: s(v, "a"), b: s(v, "b"), same: v["label"] == 1 }).collect());
    show("faq", &evaluate(&kb, &[], pairs.as_deref(), &dev));
  }
  if args.first().map(String::as_str) == Some("ask") { for line in std::io::stdin().lines() { let t = line.unwrap(); let s = Instant::now(); let u = l.understand(&Reading { text: &t, today, lang_hint: None, prior: None }); let el = s.elapsed();
    println!("{t}  [{el:?}] {:?} {:?} {:?}", u.signals, u.mood, u.entities); for n in u.needs.iter().take(3) { println!("      {:.2} {}", n.confidence, n.need); } } }
}

fn show(n: &str, r: &Report) {
  println!("{n} top1 {:.3} r3 {:.3} c95 {:.3} c90 {:.3} sure {:.3}@{:.3} near {:.3} far {:.3} farabst {:.3} ece {:.3} p50 {:.3} p99 {:.3} train {:.2}", r.top1, r.recall3, r.coverage_p95, r.coverage_p90, r.coverage_sure, r.precision_sure, r.auroc_near.unwrap_or(0.), r.auroc_far.unwrap_or(0.), r.far_abstained.unwrap_or(0.), r.ece, r.p50_ms, r.p99_ms, r.train_secs);
  println!("   {}", r.reliability.iter().map(|b| format!("{}:{:.2}/{:.2}", b.count, b.mean_confidence, b.share_right)).collect::<Vec<_>>().join(" "));
  if std::env::var("M").is_ok() { for m in r.mistakes.iter().filter(|m| m.gold.is_some()) { println!("   {:.2} {} gold {} guess {}", m.confidence, m.text, m.gold.as_deref().unwrap_or("-"), m.guess); } }
}
