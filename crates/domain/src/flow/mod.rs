//! Self-service flows as data: a checked graph of steps, and a run through it. Owns what a flow may do and when it may do
//! it; asks no lender itself (a `call` step returns a request as data).

mod check;
mod run;
mod spec;
mod template;
mod value;

#[cfg(test)]
mod tests;

pub use run::{Advance, FlowEnd, FlowInput, FlowRun, Scope, Waiting, advance};
pub use spec::{Ask, Branch, Call, Choose, Confirm, EndKind, Flow, FlowError, FlowFile, MessageTemplate, Slot, Step, StepKind};
pub(crate) use template::placeholders;
pub use template::render_fact;
pub use value::{ValueError, parse_value};

use crate::id::{FlowId, NeedId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every flow the lender offers, by id.
#[derive(Debug, Clone, Default)]
pub struct Flows {
    flows: BTreeMap<FlowId, Arc<Flow>>,
}

impl Flows {
    pub fn new(flows: impl IntoIterator<Item = Flow>) -> Self {
        Self { flows: flows.into_iter().map(|f| (f.id.clone(), Arc::new(f))).collect() }
    }

    pub fn get(&self, id: &FlowId) -> Option<&Arc<Flow>> {
        self.flows.get(id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Flow>> {
        self.flows.values()
    }

    pub fn ids(&self) -> BTreeSet<FlowId> {
        self.flows.keys().cloned().collect()
    }

    /// The flow that a need opens by itself, whatever its knowledge entry says.
    pub fn for_need(&self, need: &NeedId) -> Option<&Arc<Flow>> {
        self.iter().find(|f| f.needs.contains(need))
    }
}
