//! The crowd's troubles are known, so what is detected can be judged: the past of simulated customers over the real server.

mod support;

use jieti_crowd::CrowdConfig;
use support::{BOSS, PASSWORD, Server};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn most_troubles_of_the_crowds_past_are_found_and_most_of_what_is_found_is_true() {
    let server = Server::demo();
    let config = CrowdConfig {
        server: format!("http://{}", server.address),
        staff: (BOSS.to_owned(), PASSWORD.to_owned()),
        seed: 7,
        a_minute: 1.0,
        days: 4,
        a_day: 100,
    };
    jieti_crowd::tell_past(&config).await.unwrap_or_else(|e| panic!("{e}\n{}", server.log()));
    let boss = server.login(BOSS).await;
    let found = server.get("/api/staff/journeys/detection", &boss).await;
    let share = |name: &str| found[name]["value"].as_f64().unwrap_or_else(|| panic!("no {name}: {found}"));
    assert!(found["known_troubles"].as_u64() > Some(60), "{found}");
    assert!(share("recall") >= 0.8, "{found}");
    assert!(share("precision") >= 0.8, "{found}");

    // The bad build shows in the table without anybody having said so.
    let table = server.get("/api/staff/journeys/breaks", &boss).await;
    let rows = table["rows"].as_array().expect("rows");
    let blurred = rows.iter().find(|r| r["step"] == "id_upload" && r["kind"] == "errors").expect("the blurred photos");
    assert_eq!((&blurred["code"], &blurred["versions"][0]["code"]), (&"blurred".into(), &"5.2.0".into()), "{blurred}");
}
