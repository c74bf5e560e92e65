//! `/api/flows`: self-service flows as people read them.

use crate::App;
use crate::auth::SignedStaff;
use crate::dto::{FlowList, FlowView, StepView};
use crate::views::word;
use axum::Json;
use axum::extract::State;
use jieti_domain::flow::{Flow, Step, StepKind};

/// Every flow with its steps in the order of the file.
#[utoipa::path(get, path = "/api/flows", tag = "flows", responses((status = 200, body = FlowList)))]
pub async fn flows(State(app): State<App>, _staff: SignedStaff) -> Json<FlowList> {
    let brain = app.engine.brain();
    let flows = brain
        .rules
        .flows
        .iter()
        .map(|flow| FlowView {
            id: flow.id.0.clone(),
            title: flow.title.clone(),
            steps: flow.order.iter().filter_map(|id| flow.steps.get(id)).map(step_view).collect(),
            needs: needs_of(flow, &brain.rules.knowledge),
        })
        .collect();
    Json(FlowList { flows })
}

fn needs_of(flow: &Flow, knowledge: &jieti_domain::knowledge::Knowledge) -> Vec<String> {
    let by_entry = knowledge.iter().filter(|e| e.flow.as_ref() == Some(&flow.id)).map(|e| e.id.0.clone());
    let mut needs: Vec<String> = flow.needs.iter().map(|n| n.0.clone()).chain(by_entry).collect();
    needs.sort();
    needs.dedup();
    needs
}

fn step_view(step: &Step) -> StepView {
    let (kind, summary) = match &step.kind {
        StepKind::Say { message, .. } => ("say", message.text.zh_cn.clone()),
        StepKind::Ask { ask, .. } => {
            let fields: Vec<&str> = ask.fields.iter().map(|f| f.label.zh_cn.as_str()).collect();
            ("ask", format!("{}（{}）", ask.text.zh_cn, fields.join("、")))
        }
        StepKind::Choose { choose, .. } => ("choose", choose.text.zh_cn.clone()),
        StepKind::Confirm { confirm, .. } => ("confirm", confirm.text.zh_cn.clone()),
        StepKind::Call { call, .. } => ("call", format!("{} → {}", word(&call.operation), call.save)),
        StepKind::When { branches, .. } => {
            let facts: Vec<&str> = branches.iter().map(|b| b.fact.as_str()).collect();
            ("when", facts.join(", "))
        }
        StepKind::End(end) => ("end", word(end)),
    };
    let next = step.exits().into_iter().map(|s| s.0.clone()).collect();
    StepView { id: step.id.0.clone(), kind: kind.to_owned(), summary, next }
}
