//! Every flow's scenarios, against the real engine, language model, store and sandbox lender. One test a flow, so that
//! they run side by side; each reports all scenarios that fail.

use jieti_domain::flow::StepKind;
use jieti_domain::id::NeedId;
use jieti_testkit::{play_flow, repository};
use std::collections::BTreeSet;
use std::fs;

macro_rules! flows {
    ($($test:ident: $flow:literal),+ $(,)?) => {
        const FLOWS: &[&str] = &[$($flow),+];
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                match play_flow($flow).await {
                    Ok(played) => assert!(played >= 2, "flow {} has {played} scenarios; write at least two", $flow),
                    Err(failures) => panic!("\n{failures}"),
                }
            }
        )+
    };
}

flows! {
    change_card: "change-card",
    change_phone: "change-phone",
    change_repayment_day: "change-repayment-day",
    close_account: "close-account",
    coupons: "coupons",
    deferral: "deferral",
    disbursement_progress: "disbursement-progress",
    early_repayment: "early-repayment",
    limit_query: "limit-query",
    repay_now: "repay-now",
    repayment_check: "repayment-check",
    repayment_due: "repayment-due",
    repayment_history: "repayment-history",
    repayment_plan: "repayment-plan",
    settlement_certificate: "settlement-certificate",
}

#[test]
fn every_flow_is_played() {
    let folders = fs::read_dir(repository::root().join("flows")).unwrap();
    let found: BTreeSet<String> = folders
        .map(|folder| folder.unwrap())
        .filter(|folder| folder.path().is_dir())
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect();
    let played: BTreeSet<String> = FLOWS.iter().map(|flow| (*flow).to_owned()).collect();
    assert_eq!(found, played, "add the flow to the table above");
}

/// Pages of the customer's app, `app://<page>`.
const PAGES: [&str; 20] = [
    "home",
    "apply",
    "limit",
    "loans",
    "bills",
    "plan",
    "repay",
    "early-repayment",
    "cards",
    "cards/add",
    "contracts",
    "certificates",
    "coupons",
    "profile",
    "profile/phone",
    "security",
    "messages",
    "help",
    "credit-authorization",
    "close-account",
];

#[test]
fn every_button_leads_somewhere() {
    let flows = repository::flows().unwrap();
    let needs: BTreeSet<NeedId> = repository::knowledge(&flows).unwrap().into_iter().map(|entry| entry.id).collect();
    for flow in flows.iter() {
        for step in flow.steps.values() {
            let StepKind::Say { message, .. } = &step.kind else { continue };
            for button in &message.buttons {
                let leads = match (&button.open, &button.flow, &button.ask, button.human) {
                    (Some(link), None, None, false) => {
                        link.starts_with('{') || link.strip_prefix("app://").is_some_and(|page| PAGES.contains(&page))
                    }
                    (None, Some(target), None, false) => flows.get(target).is_some(),
                    (None, None, Some(need), false) => needs.contains(need),
                    (None, None, None, true) => true,
                    _ => false,
                };
                assert!(leads, "flow {}: step {}: button {:?} leads nowhere", flow.id, step.id, button.label.zh_cn);
            }
        }
    }
}
