//! The command line: help, configuration, import, replay, evaluation, load, doctor, staff. JSON has the documented keys,
//! refusals say what, which and the mend.

mod support;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use support::{LENDER_KEY, Lender, PASSWORD, Place, QUESTIONS, Random, SECRET, Server, jieti, refusal, run, text};

fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// Standard output as one JSON object.
fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", text(&output.stdout), text(&output.stderr)))
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn assert_number(value: &Value, name: &str) {
    assert!(value[name].is_number(), "{name} is a number: {value}");
}

#[test]
fn every_command_explains_itself() {
    let help = ok(&run(jieti().arg("--help")));
    let commands = ["serve", "demo", "config", "eval", "replay", "import", "load", "doctor", "staff"];
    for command in commands {
        assert!(help.lines().any(|l| l.trim_start().starts_with(command)), "{command} is missing: {help}");
        let own = ok(&run(jieti().args([command, "--help"])));
        assert!(own.contains("Usage: jieti") && own.lines().count() > 4, "{command}: {own}");
    }
    let faq = ok(&run(jieti().args(["eval", "faq", "--help"])));
    for key in FAQ_KEYS {
        assert!(faq.contains(key), "{key} is not documented: {faq}");
    }
    assert!(ok(&run(jieti().arg("--version"))).contains(env!("CARGO_PKG_VERSION")));
    for wrong in
        [vec![], vec!["dance"], vec!["serve", "--loud"], vec!["replay"], vec!["import"], vec!["load", "--customers", "many"]]
    {
        let output = run(jieti().args(&wrong));
        assert!(!output.status.success() && !output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn the_printed_configuration_loads_once_it_has_a_secret() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("jieti.toml");
    let printed = ok(&run(jieti().arg("config")));
    std::fs::write(&path, &printed).expect("the folder is writable");
    let report = run(jieti().arg("doctor").arg("--json").arg("--config").arg(&path).current_dir(folder.path()));
    assert!(!report.status.success());
    let report = json_of(&report);
    assert!(report["checks"][0]["detail"].as_str().is_some_and(|d| d.contains("identity_secret")), "{report}");
    let report = run(jieti()
        .env("JIETI_IDENTITY_SECRET", SECRET)
        .arg("doctor")
        .arg("--json")
        .arg("--config")
        .arg(&path)
        .current_dir(folder.path()));
    let report = json_of(&report);
    assert_eq!(report["checks"][0], json!({ "name": "configuration", "ok": true, "detail": path.display().to_string() }));
}

// ---- import ----

const HEADER: [&str; 8] = ["id", "title", "risk", "cause", "area", "owner", "ask", "answer"];

fn good_row(number: usize) -> Vec<String> {
    let (_, question, answer) = QUESTIONS[number];
    let ask = format!("{question}|请问{question}|我想问{question}");
    [&format!("table.q{number}"), question, "low", "process", "常见问题", "service", &ask, answer].map(str::to_owned).to_vec()
}

fn changed(number: usize, column: &str, value: &str) -> Vec<String> {
    let mut row = good_row(number);
    row[HEADER.iter().position(|h| *h == column).expect("a column")] = value.to_owned();
    row
}

fn table(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    std::iter::once(HEADER.map(str::to_owned).to_vec()).chain(rows.iter().cloned()).collect()
}

fn csv(path: &Path, rows: &[Vec<String>]) {
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines: Vec<String> = rows.iter().map(|r| r.iter().map(quoted).collect::<Vec<_>>().join(",")).collect();
    // As a spreadsheet writes it: with a byte order mark and carriage returns.
    std::fs::write(path, format!("\u{feff}{}\r\n", lines.join("\r\n"))).expect("the folder is writable");
}

/// A workbook of one sheet with the cells' texts in place. Source: ECMA-376, and APPNOTE of ZIP for stored files.
fn xlsx(path: &Path, rows: &[Vec<String>]) {
    let escape = |t: &str| t.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let cells = |(number, row): (usize, &Vec<String>)| {
        let cell = |(column, t): (usize, &String)| {
            let name = char::from(b'A' + u8::try_from(column).expect("few columns"));
            format!("<c r=\"{name}{}\" t=\"inlineStr\"><is><t>{}</t></is></c>", number + 1, escape(t))
        };
        format!("<row r=\"{}\">{}</row>", number + 1, row.iter().enumerate().map(cell).collect::<String>())
    };
    let data: String = rows.iter().enumerate().map(cells).collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/package/2006/relationships";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let files = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/></Types>"
                .to_owned(),
        ),
        (
            "_rels/.rels",
            format!("<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ),
        (
            "xl/workbook.xml",
            format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"知识\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{relations}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{data}</sheetData></worksheet>")),
    ];
    let mut zip: Vec<u8> = Vec::new();
    let mut directory: Vec<u8> = Vec::new();
    for (name, body) in &files {
        let at = u32::try_from(zip.len()).expect("a small file");
        let size = u32::try_from(body.len()).expect("a small file").to_le_bytes();
        let mut facts: Vec<u8> = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        facts.extend(crc32(body.as_bytes()).to_le_bytes());
        facts.extend(size);
        facts.extend(size);
        facts.extend(u16::try_from(name.len()).expect("a short name").to_le_bytes());
        facts.extend([0, 0]);
        zip.extend(b"PK\x03\x04");
        zip.extend(&facts);
        zip.extend(name.as_bytes());
        zip.extend(body.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(files.len()).expect("few files").to_le_bytes();
    let at = u32::try_from(zip.len()).expect("a small file").to_le_bytes();
    let size = u32::try_from(directory.len()).expect("a small file").to_le_bytes();
    zip.extend(directory);
    zip.extend(b"PK\x05\x06\x00\x00\x00\x00");
    zip.extend([count, count].concat());
    zip.extend([size, at].concat());
    zip.extend([0, 0]);
    std::fs::write(path, zip).expect("the folder is writable");
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

fn import(place: &Place, files: &[&PathBuf], options: &[&str]) -> Output {
    run(jieti().arg("import").args(files).args(options).arg("--json").arg("--config").arg(place.config()))
}

/// Entries published in the place's store.
fn published(place: &Place) -> Vec<String> {
    let store = rusqlite::Connection::open(place.store()).expect("the store opens");
    let mut statement = store.prepare("select distinct id from entry_version order by id").expect("the table is there");
    let rows = statement.query_map([], |row| row.get(0)).expect("a query");
    rows.map(|id| id.expect("an id")).collect()
}

#[test]
fn good_tables_and_packs_are_imported_from_every_format() {
    let place = Place::new("http://127.0.0.1:1", "");
    let (a, b, c) = (place.folder.path().join("a.csv"), place.folder.path().join("b.xlsx"), place.folder.path().join("c.yaml"));
    csv(&a, &table(&[good_row(0), good_row(1)]));
    xlsx(&b, &table(&[good_row(2), vec![String::new(); 8], good_row(3)]));
    let (_, question, answer) = QUESTIONS[4];
    std::fs::write(
        &c,
        format!(
            "stage: table\nentries:\n  - id: table.q4\n    title: {question}\n    risk: low\n    cause: {{kind: process, area: 常见问题}}\n    \
             owner: service\n    ask: [{question}, 请问{question}, 我想问{question}]\n    answer: |\n      {answer}\n"
        ),
    )
    .expect("the folder is writable");
    let dry = import(&place, &[&a, &b, &c], &["--dry-run"]);
    assert_eq!(json_of(&dry), json!({ "rows": 5, "good": 5, "bad": 0, "imported": 0, "problems": [] }), "{}", text(&dry.stderr));
    assert_eq!(published(&place), Vec::<String>::new());
    let output = import(&place, &[&a, &b, &c], &[]);
    assert_eq!(json_of(&output), json!({ "rows": 5, "good": 5, "bad": 0, "imported": 5, "problems": [] }));
    assert!(output.status.success());
    assert_eq!(published(&place), ["table.q0", "table.q1", "table.q2", "table.q3", "table.q4"]);
}

#[test]
fn every_bad_row_is_named_and_nothing_is_imported_unless_asked() {
    let good = [good_row(0), good_row(1)];
    let bad = [
        (changed(2, "risk", "deadly"), "risk"),
        (changed(2, "cause", "fate"), "cause"),
        (changed(2, "ask", ""), ""),
        (changed(2, "answer", ""), ""),
        (changed(2, "title", ""), ""),
        (changed(2, "id", ""), ""),
        (changed(2, "id", "table.q0"), "row 2"),
    ];
    type Writer = fn(&Path, &[Vec<String>]);
    let formats: [(&str, Writer); 2] = [("bad.csv", csv), ("bad.xlsx", xlsx)];
    for (name, write) in formats {
        let place = Place::new("http://127.0.0.1:1", "");
        let file = place.folder.path().join(name);
        let rows: Vec<Vec<String>> = good.iter().cloned().chain(bad.iter().map(|(row, _)| row.clone())).collect();
        write(&file, &table(&rows));
        let output = import(&place, &[&file], &[]);
        let error = refusal(&output);
        assert!(error.contains("nothing was imported") && error.contains("--skip-bad"), "{error}");
        let report = json_of(&output);
        assert_eq!(keys(&report), BTreeSet::from(["rows", "good", "bad", "imported", "problems"]));
        assert_eq!(
            (&report["rows"], &report["good"], &report["bad"], &report["imported"]),
            (&json!(9), &json!(2), &json!(7), &json!(0)),
            "{report}"
        );
        let problems = report["problems"].as_array().expect("a list");
        for (number, (_, word)) in bad.iter().enumerate() {
            let row = number + 4;
            let problem = problems.iter().find(|p| p["row"] == row).unwrap_or_else(|| panic!("row {row} is not named: {report}"));
            assert_eq!(problem["file"], file.display().to_string());
            let reason = problem["reason"].as_str().unwrap_or_default();
            assert!(!reason.is_empty() && reason.contains(word), "row {row}: {reason}");
        }
        assert_eq!(published(&place), Vec::<String>::new(), "{name}");
        let output = import(&place, &[&file], &["--skip-bad"]);
        assert_eq!(json_of(&output)["imported"], 2, "{name}: {}", text(&output.stderr));
        assert!(output.status.success());
        assert_eq!(published(&place), ["table.q0", "table.q1"], "{name}");
    }
}

#[test]
fn files_that_are_no_tables_are_refused_by_name() {
    let place = Place::new("http://127.0.0.1:1", "");
    let file = |name: &str, bytes: &[u8]| {
        let path = place.folder.path().join(name);
        std::fs::write(&path, bytes).expect("the folder is writable");
        path
    };
    let cases = [
        (file("letter.docx", b"x"), "neither .csv"),
        (file("broken.xlsx", b"PK\x03\x04 and no more"), "broken.xlsx"),
        (file("empty.csv", b""), "empty.csv"),
        (file("columns.csv", b"id,title\na,b\n"), "columns missing: risk"),
        (file("latin.csv", b"id,title,risk,cause,area,owner,ask,answer\n\xff\xfe,b,c,d,e,f,g,h\n"), "latin.csv"),
        (file("list.yaml", b"- 1\n- 2\n"), "list.yaml"),
        (file("risk.yaml", "stage: x\nentries:\n  - {id: x.y, title: t, risk: deadly}\n".as_bytes()), "risk.yaml"),
        (place.folder.path().join("missing.csv"), "missing.csv"),
    ];
    for (path, word) in cases {
        let output = import(&place, &[&path], &[]);
        let error = refusal(&output);
        let all = format!("{}{error}", text(&output.stdout));
        assert!(all.contains(word), "{}: {all}", path.display());
    }
    assert_eq!(published(&place), Vec::<String>::new());
}

// ---- replay and evaluation ----

#[test]
fn a_log_is_replayed_from_jsonl_and_csv_alike() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lines = [
        ("a", "customer", "我这个月要还多少"),
        ("a", "agent", "稍等"),
        ("a", "customer", "我的还款计划"),
        ("b", "customer", "转人工"),
        ("c", "customer", "忘记登录密码怎么办"),
        ("d", "customer", "我要投诉你们"),
    ];
    let jsonl: String =
        lines.iter().map(|(c, f, t)| json!({ "conversation": c, "from": f, "text": t }).to_string() + "\n").collect();
    let csv: String = std::iter::once("conversation,from,text\n".to_owned())
        .chain(lines.iter().map(|(c, f, t)| format!("{c},{f},{t}\n")))
        .collect();
    let mut reports = Vec::new();
    for (name, text) in [("log.jsonl", jsonl), ("log.csv", csv)] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        let output = run(jieti().arg("replay").arg(&path).arg("--json"));
        ok(&output);
        reports.push(json_of(&output));
    }
    let report = &reports[0];
    assert_eq!(report, &reports[1]);
    let tiers = BTreeSet::from(["self_service", "bot", "silent_seat", "human"]);
    assert_eq!(keys(report), BTreeSet::from(["conversations", "messages", "tiers", "share", "examples"]));
    for part in ["tiers", "share", "examples"] {
        assert_eq!(keys(&report[part]), tiers, "{part}");
    }
    assert_eq!((&report["conversations"], &report["messages"]), (&json!(4), &json!(5)));
    assert_eq!(report["tiers"], json!({ "self_service": 1, "bot": 1, "silent_seat": 0, "human": 2 }), "{report}");
    let example = &report["examples"]["human"][0];
    assert_eq!(keys(example), BTreeSet::from(["conversation", "text", "reason"]));
    let plain = ok(&run(jieti().arg("replay").arg(folder.path().join("log.csv"))));
    assert!(plain.contains("4 conversations, 5 messages"), "{plain}");
    for (name, text, word) in [
        ("bad.jsonl", "{\"conversation\":\"a\",\"text\":\"x\"}\n{\"conversation\":1}\n", "line 2"),
        ("none.jsonl", "{\"conversation\":\"a\",\"from\":\"agent\",\"text\":\"x\"}\n", "no line from a customer"),
        ("bad.csv", "who,what\na,b\n", "columns conversation, text"),
        ("log.txt", "x", "neither .jsonl nor .csv"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        let error = refusal(&run(jieti().arg("replay").arg(&path)));
        assert!(error.contains(word) && error.contains(name), "{name}: {error}");
    }
}

const FAQ_KEYS: [&str; 17] = [
    "encoder_secs",
    "threshold_answered",
    "threshold_coverage",
    "threshold_p95",
    "threshold_precision",
    "top1",
    "recall3",
    "coverage_p95",
    "coverage_p90",
    "auroc_near",
    "auroc_far",
    "ece",
    "p50_ms",
    "p99_ms",
    "train_secs",
    "rss_mb",
    "lines",
];

#[test]
fn evaluation_prints_exactly_the_documented_figures() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut random = Random::new(7);
    let before = ["请问", "我想知道", "麻烦问下", "你好，", "", "那个"];
    let after = ["", "呀", "呢", "，谢谢", "？", "急"];
    let mut vary = |question: &str| format!("{}{question}{}", random.one_of(&before), random.one_of(&after));
    let kb: String = QUESTIONS
        .iter()
        .map(|(id, question, _)| {
            let similar: Vec<String> = (0..6).map(|_| vary(question)).collect();
            json!({ "faq": id, "standard": question, "similar": similar }).to_string() + "\n"
        })
        .collect();
    let mut test: Vec<Value> = Vec::new();
    for (id, question, _) in QUESTIONS {
        test.extend((0..4).map(|n| json!({ "id": format!("{id}-{n}"), "text": vary(question), "gold": id, "kind": "in" })));
    }
    for (n, text) in ["开发票要多少钱", "怎么修改还款日", "短信验证码收不到", "推荐一款手机"].iter().enumerate()
    {
        test.push(json!({ "id": format!("near-{n}"), "text": text, "kind": "near" }));
    }
    for (n, text) in ["明天会下雨吗", "讲个笑话", "红烧肉怎么做", "附近有什么好玩的"].iter().enumerate() {
        test.push(json!({ "id": format!("far-{n}"), "text": text, "gold": null, "kind": "far" }));
    }
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder is writable");
        path
    };
    let kb = write("kb.jsonl", kb);
    let lines: String = test.iter().map(|l| l.to_string() + "\n").collect();
    let all = write("test.jsonl", lines.clone());
    let faq = |test: &Path| run(jieti().args(["eval", "faq", "--json", "--kb"]).arg(&kb).arg("--test").arg(test));
    let output = faq(&all);
    ok(&output);
    let report = json_of(&output);
    assert_eq!(keys(&report), BTreeSet::from(FAQ_KEYS));
    for key in FAQ_KEYS {
        assert_number(&report, key);
    }
    assert_eq!(report["lines"], test.len());
    for share in ["top1", "recall3", "coverage_p95", "coverage_p90", "auroc_near", "auroc_far", "ece"] {
        let share_now = report[share].as_f64().expect("a number");
        assert!((0.0..=1.0).contains(&share_now), "{share} is a share: {report}");
    }
    assert!(report["top1"].as_f64().is_some_and(|t| t > 0.9), "the same questions in other small words: {report}");
    assert!(report["rss_mb"].as_f64().is_some_and(|mb| (5.0..10_000.0).contains(&mb)), "{report}");
    // Without such lines a figure is null, and still there.
    let only_in = write("in.jsonl", lines.lines().filter(|l| l.contains("\"in\"")).map(|l| format!("{l}\n")).collect());
    let report = json_of(&faq(&only_in));
    assert_eq!(keys(&report), BTreeSet::from(FAQ_KEYS));
    assert_eq!((&report["auroc_near"], &report["auroc_far"]), (&Value::Null, &Value::Null), "{report}");
    let bad = write("bad.jsonl", "{\"text\":\"x\",\"kind\":\"in\"}\n{\"text\":\"x\",\"kind\":\"sideways\"}\n".to_owned());
    let error = refusal(&faq(&bad));
    assert!(error.contains("bad.jsonl") && error.contains("line 2"), "{error}");
}

// ---- against a running service ----

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_what_is_ill_and_passes_what_is_well() {
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), "");
    let doctor = |json: bool| {
        let mut command = jieti();
        command.arg("doctor").arg("--config").arg(place.config());
        if json {
            command.arg("--json");
        }
        tokio::task::block_in_place(|| run(&mut command))
    };
    let output = doctor(true);
    let report = json_of(&output);
    assert_eq!(keys(&report), BTreeSet::from(["checks"]));
    let check = |report: &Value, name: &str| {
        let checks = report["checks"].as_array().expect("a list").clone();
        for check in &checks {
            assert_eq!(keys(check), BTreeSet::from(["name", "ok", "detail"]));
        }
        checks.into_iter().find(|c| c["name"] == name).unwrap_or_else(|| panic!("no check {name}: {report}"))
    };
    for name in ["configuration", "flows", "service", "store", "scorecard", "knowledge", "language", "encoders", "lender"] {
        assert_eq!(check(&report, name)["ok"], true, "{name}: {report}");
    }
    assert_eq!(check(&report, "staff")["ok"], false, "nobody works here yet: {report}");
    assert!(check(&report, "staff")["detail"].as_str().is_some_and(|d| d.contains("jieti staff")), "{report}");
    assert_eq!(check(&report, "routing")["ok"], false, "and nobody can be routed to: {report}");
    assert!(refusal(&output).contains("2 of 11 checks failed"));
    place.hire(&[("agent", &["agent"])]).await;
    let output = doctor(true);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let plain = ok(&doctor(false));
    assert_eq!(plain.lines().filter(|l| l.starts_with("ok")).count(), 11, "{plain}");
    // The lender goes away; a wrong key is another matter.
    place.configure("http://127.0.0.1:1", "");
    let report = json_of(&doctor(true));
    let ill = check(&report, "lender");
    assert_eq!(ill["ok"], false);
    assert!(ill["detail"].as_str().is_some_and(|d| !d.is_empty()), "{ill}");
    place.configure(&lender.url(), "");
    let config = std::fs::read_to_string(place.config()).expect("the file is there").replace(LENDER_KEY, "another key");
    std::fs::write(place.config(), config).expect("the folder is writable");
    let report = json_of(&doctor(true));
    assert_eq!(check(&report, "lender")["ok"], false, "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn load_is_driven_against_a_demo_and_reported_in_the_documented_figures() {
    let server = Server::demo_with(&["--messages-per-minute", "1000000"]);
    let load = |arguments: &[&str]| {
        let mut command = jieti();
        command.args(["load", "--server", &server.url(""), "--customers", "5", "--secs", "1", "--json"]).args(arguments);
        tokio::task::block_in_place(|| run(&mut command))
    };
    let wanted = BTreeSet::from([
        "customers",
        "secs",
        "sent",
        "acknowledged",
        "answered",
        "errors",
        "acknowledged_per_s",
        "answered_per_s",
        "ack_p50_ms",
        "ack_p99_ms",
        "answer_p50_ms",
        "answer_p99_ms",
    ]);
    for job in ["ask", "store", "idle"] {
        let output = load(&["--job", job]);
        ok(&output);
        let report = json_of(&output);
        assert_eq!(keys(&report), wanted, "{job}");
        assert_eq!((&report["customers"], &report["errors"]), (&json!(5), &json!(0)), "{job}: {report}");
        let count = |name: &str| report[name].as_u64().expect("a count");
        assert_eq!(count("sent"), count("acknowledged"), "{job}: {report}");
        match job {
            "ask" => assert!(count("answered") == count("sent") && count("sent") >= 5, "{report}"),
            "store" => assert!(count("sent") >= 5 && report["answer_p50_ms"].is_null(), "{report}"),
            _ => assert_eq!(count("sent"), 0, "{report}"),
        }
    }
    let mut nobody = jieti();
    nobody.args(["load", "--server", "http://127.0.0.1:1", "--customers", "1", "--secs", "1"]);
    let error = refusal(&tokio::task::block_in_place(|| run(&mut nobody)));
    assert!(error.contains("no server answers at http://127.0.0.1:1"), "{error}");
    let error = refusal(&load(&["--customers", "0"]));
    assert!(error.contains("--customers"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_added_can_log_in() {
    let lender = Lender::start().await;
    let place = Place::new(&lender.url(), "");
    place.import_questions();
    let add = |name: &str, roles: &str, password: &str| {
        let mut command = jieti();
        command.args(["staff", name, "--display-name", "王小明", "--roles", roles, "--config"]).arg(place.config());
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let mut input = child.stdin.take().expect("standard input is a pipe");
        // Refused before the password is asked for: then nobody reads it.
        let _ = writeln!(input, "{password}");
        drop(input);
        child.wait_with_output().expect("the binary ends")
    };
    let printed = ok(&add("wang", "agent,silent_seat", PASSWORD));
    assert!(printed.contains("wang may log in now") && !printed.contains(PASSWORD), "{printed}");
    let again = refusal(&add("wang", "agent", PASSWORD));
    assert!(again.contains("wang exists already") && again.contains("choose another"), "{again}");
    let role = refusal(&add("li", "king", PASSWORD));
    assert!(role.contains("king") && role.contains("supervisor"), "{role}");
    let short = refusal(&add("li", "agent", "123456789"));
    assert!(short.contains("10 characters") && !short.contains("123456789"), "{short}");
    let empty = refusal(&add("li", "agent", ""));
    assert!(empty.contains("10 characters"), "{empty}");
    let server = place.serve();
    let wang = server.login("wang").await;
    let me = server.get("/api/staff/me", &wang).await;
    assert_eq!(
        (&me["name"], &me["display_name"], &me["roles"]),
        (&json!("wang"), &json!("王小明"), &json!(["agent", "silent_seat"]))
    );
    let (status, _) =
        server.call(reqwest::Method::POST, "/api/staff/login", None, Some(json!({ "name": "li", "password": PASSWORD }))).await;
    assert_eq!(status, 401, "who was refused is nobody");
}
