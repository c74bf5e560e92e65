//! The model file while the service runs: a good one is taken up at SIGHUP, and whatever is wrong with one, the old model
//! goes on serving.

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Instant;
use support::{Client, Lender, PATIENCE, Place, Server, jieti, refusal, run, text};

fn train(place: &Place, out: &Path, seed: &str) {
    let pairs = place.folder.path().join("pairs.jsonl");
    let lines = ["还款", "提额", "改号", "注销"].map(|word| {
        format!(
            "{{\"a\":\"怎么{word}\",\"b\":\"如何{word}\",\"label\":1}}\n{{\"a\":\"怎么{word}\",\"b\":\"{word}要多久\",\"label\":0}}\n"
        )
    });
    std::fs::write(&pairs, lines.concat()).expect("the folder is writable");
    let mut command = jieti();
    command.arg("train").arg("--pairs").arg(&pairs).arg("--out").arg(out).args([
        "--members",
        "1",
        "--epochs",
        "1",
        "--seed",
        seed,
    ]);
    let output = run(&mut command);
    assert!(output.status.success(), "train: {}{}", text(&output.stdout), text(&output.stderr));
}

/// Sends SIGHUP and waits until the log says these words once more than before.
fn hang_up(server: &Server, words: &str) -> String {
    let before = server.log().matches(words).count();
    let sent = Command::new("kill").args(["-HUP", &server.pid().to_string()]).status().expect("kill runs");
    assert!(sent.success());
    let began = Instant::now();
    loop {
        let log = server.log();
        if log.matches(words).count() > before {
            return log;
        }
        assert!(began.elapsed() < PATIENCE, "{words:?} never came: {log}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_model_is_refused_and_the_old_one_goes_on_serving() {
    let lender = Lender::start().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let model = folder.path().join("customers.model");
    let place = Place::new(&lender.url(), &format!("model = {model:?}"));
    place.import_questions();
    train(&place, &model, "1");
    let good = std::fs::read(&model).expect("the model was written");
    let mut server = place.serve_after("export JIETI_LOG=info");
    let session = server.visitor_session().await;
    let mut client = Client::connect(&server, &session).await;
    let mut asked = 0;
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 1;
    let mut next_version = good.clone();
    next_version[8] ^= 1;
    for (name, content, reason) in [
        ("half", good[..good.len() / 2].to_vec(), "cut off"),
        ("a bit", flipped, "damaged"),
        ("empty", Vec::new(), "no file of that kind"),
        ("text", b"model: yes".to_vec(), "no file of that kind"),
        ("version", next_version, "this program reads"),
    ] {
        std::fs::write(&model, content).expect("the folder is writable");
        let log = hang_up(&server, "what is in use stays");
        assert!(log.lines().any(|line| line.contains("what is in use stays") && line.contains(reason)), "{name}: {log}");
        asked += 1;
        let message = client.ask(&format!("q-{asked}"), "怎么开发票").await;
        assert!(message["text"].as_str().is_some_and(|t| t.contains("答复甲")), "{name}: {message}");
    }
    std::fs::remove_file(&model).expect("the file is there");
    hang_up(&server, "what is in use stays");
    train(&place, &model, "2");
    hang_up(&server, "messages are read with the model and encoders");
    let message = client.ask("after", "怎么开发票").await;
    assert!(message["text"].as_str().is_some_and(|t| t.contains("答复甲")), "{message}");
    assert!(server.is_running() && !server.log().contains("panicked"), "{}", server.log());
    // Where there is no old model to go on with, the service does not begin.
    server.kill();
    std::fs::write(&model, &good[..good.len() / 2]).expect("the folder is writable");
    let error = refusal(&run(jieti().arg("serve").arg("--config").arg(place.config())));
    assert!(error.contains("cut off"), "{error}");
}
