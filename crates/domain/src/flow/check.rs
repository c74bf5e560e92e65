//! From a flow as written to a flow that may run: every step has an exit, is reached, names what exists, and nothing is
//! changed at the lender without the customer's yes.

use super::spec::{Branch, CardTemplate, EndKind, Flow, FlowError, FlowFile, Step, StepFile, StepKind};
use super::template::placeholders;
use crate::figures::literal_sums;
use crate::id::StepId;
use crate::lender::Operation;
use crate::message::FieldKind;
use crate::understanding::Localized;
use std::collections::{BTreeMap, BTreeSet};

impl FlowFile {
    /// Checks the whole file; every problem is reported, not the first alone.
    ///
    /// # Errors
    /// All `FlowError`s found, in the order of the steps.
    pub fn check(self) -> Result<Flow, Vec<FlowError>> {
        let Some(start) = self.steps.first().map(|s| s.id.clone()) else {
            return Err(vec![FlowError::NoSteps { flow: self.id }]);
        };
        let mut errors = Vec::new();
        let mut steps = BTreeMap::new();
        let order: Vec<StepId> = self.steps.iter().map(|s| s.id.clone()).collect();
        for file in self.steps {
            let id = file.id.clone();
            match kind_of(&self.id, file) {
                Ok(kind) => {
                    if steps.insert(id.clone(), Step { id: id.clone(), kind }).is_some() {
                        errors.push(FlowError::DoubleStep { flow: self.id.clone(), step: id });
                    }
                }
                Err(error) => errors.push(error),
            }
        }
        let offer = self.offer.unwrap_or_else(|| self.title.clone());
        let flow = Flow {
            id: self.id,
            title: self.title,
            offer,
            needs: self.needs,
            slots: self.slots,
            words: self.words,
            start,
            steps,
            order,
        };
        if errors.is_empty() {
            errors.extend(flow.problems());
        }
        if errors.is_empty() { Ok(flow) } else { Err(errors) }
    }
}

fn kind_of(flow: &crate::id::FlowId, file: StepFile) -> Result<StepKind, FlowError> {
    let step = file.id;
    let no_exit = |field| FlowError::NoExit { flow: flow.clone(), step: step.clone(), field };
    let next = |next: Option<StepId>| next.ok_or_else(|| no_exit("next"));
    let otherwise = |step: Option<StepId>| step.ok_or_else(|| no_exit("otherwise"));
    match (file.say, file.ask, file.choose, file.confirm, file.call, file.when, file.end) {
        (Some(message), None, None, None, None, None, None) => Ok(StepKind::Say { message, next: next(file.next)? }),
        (None, Some(ask), None, None, None, None, None) => Ok(StepKind::Ask { ask, next: next(file.next)? }),
        (None, None, Some(choose), None, None, None, None) => Ok(StepKind::Choose { choose, next: next(file.next)? }),
        (None, None, None, Some(confirm), None, None, None) => {
            Ok(StepKind::Confirm { confirm, yes: next(file.next)?, no: otherwise(file.otherwise)? })
        }
        (None, None, None, None, Some(call), None, None) => Ok(StepKind::Call { call, next: next(file.next)? }),
        (None, None, None, None, None, Some(branches), None) => {
            Ok(StepKind::When { branches, otherwise: otherwise(file.otherwise)? })
        }
        (None, None, None, None, None, None, Some(end)) => Ok(StepKind::End(end)),
        _ => Err(FlowError::Kind { flow: flow.clone(), step: step.clone() }),
    }
}

impl Operation {
    /// Whether a customer's yes or a verification code must come before it. Sending a code changes nothing yet, and a
    /// certificate is a paper about what is.
    fn needs_consent(self) -> bool {
        match self {
            Operation::AddCard | Operation::ChangePhone | Operation::Certificate => false,
            other => other.changes_something(),
        }
    }
}

impl Step {
    /// Where the step may lead.
    pub fn exits(&self) -> Vec<&StepId> {
        match &self.kind {
            StepKind::Say { next, .. } | StepKind::Ask { next, .. } => vec![next],
            StepKind::Choose { choose, next } => vec![next, &choose.none],
            StepKind::Confirm { yes, no, .. } => vec![yes, no],
            StepKind::Call { call, next } => std::iter::once(next).chain(call.refused.as_ref()).collect(),
            StepKind::When { branches, otherwise } => branches.iter().map(|b| &b.next).chain([otherwise]).collect(),
            StepKind::End(EndKind::Solved | EndKind::Unsolved | EndKind::Handoff) => Vec::new(),
        }
    }

    fn waits(&self) -> bool {
        match self.kind {
            StepKind::Ask { .. } | StepKind::Choose { .. } | StepKind::Confirm { .. } | StepKind::End(_) => true,
            StepKind::Say { .. } | StepKind::Call { .. } | StepKind::When { .. } => false,
        }
    }
}

impl Flow {
    fn problems(&self) -> Vec<FlowError> {
        let mut found = Vec::new();
        for step in self.in_order() {
            for target in step.exits().into_iter().filter(|t| !self.steps.contains_key(*t)) {
                found.push(FlowError::Target { flow: self.id.clone(), step: step.id.clone(), target: target.clone() });
            }
        }
        for (name, slot) in &self.slots {
            if let Some(target) = slot.restart.as_ref().filter(|t| !self.steps.contains_key(*t)) {
                found.push(FlowError::Restart { flow: self.id.clone(), slot: name.clone(), target: target.clone() });
            }
        }
        if !found.is_empty() {
            return found;
        }
        let reached = self.reach(|_| true);
        for step in self.in_order() {
            if !reached.contains(&step.id) {
                found.push(FlowError::Unreachable { flow: self.id.clone(), step: step.id.clone() });
            }
            found.extend(self.step_problems(step));
        }
        found.extend(self.unconfirmed());
        found.extend(self.personal());
        found.extend(self.loops());
        found
    }

    fn in_order(&self) -> impl Iterator<Item = &Step> {
        self.order.iter().filter_map(|id| self.steps.get(id))
    }

    /// Steps reached from the start along the exits of steps that `passes` lets through.
    fn reach(&self, passes: impl Fn(&Step) -> bool) -> BTreeSet<StepId> {
        let mut reached = BTreeSet::from([self.start.clone()]);
        let mut open = vec![&self.start];
        while let Some(step) = open.pop().and_then(|id| self.steps.get(id)) {
            let exits = if passes(step) {
                step.exits()
            } else if let StepKind::Confirm { no, .. } = &step.kind {
                vec![no]
            } else {
                Vec::new()
            };
            for exit in exits {
                if reached.insert(exit.clone()) {
                    open.push(exit);
                }
            }
        }
        reached
    }

    /// Calls that need consent and are reached without a "yes" or a code.
    fn unconfirmed(&self) -> Vec<FlowError> {
        let asks_code = |step: &Step| match &step.kind {
            StepKind::Ask { ask, .. } => {
                ask.fields.iter().any(|f| self.slots.get(&f.slot).is_some_and(|s| s.kind == FieldKind::Code))
            }
            _ => false,
        };
        let reached = self.reach(|step| !asks_code(step) && !matches!(step.kind, StepKind::Confirm { .. }));
        self.in_order()
            .filter(|step| reached.contains(&step.id))
            .filter(|step| matches!(&step.kind, StepKind::Call { call, .. } if call.operation.needs_consent()))
            .map(|step| FlowError::Unconfirmed { flow: self.id.clone(), step: step.id.clone() })
            .collect()
    }

    /// Calls that would put personal data into a conversation.
    fn personal(&self) -> Vec<FlowError> {
        self.in_order()
            .filter(|step| matches!(&step.kind, StepKind::Call { call, .. } if call.operation == Operation::Contact))
            .map(|step| FlowError::Personal { flow: self.id.clone(), step: step.id.clone() })
            .collect()
    }

    /// Loops in which no step waits for the customer.
    fn loops(&self) -> Option<FlowError> {
        for start in self.in_order().filter(|s| !s.waits()) {
            let mut open: Vec<&StepId> = start.exits();
            let mut seen = BTreeSet::new();
            while let Some(step) = open.pop().and_then(|id| self.steps.get(id)) {
                if step.id == start.id {
                    let steps = seen.iter().map(|s: &&StepId| s.as_str()).collect::<Vec<_>>().join(", ");
                    return Some(FlowError::Loop { flow: self.id.clone(), steps });
                }
                if !step.waits() && seen.insert(&step.id) {
                    open.extend(step.exits());
                }
            }
        }
        None
    }

    /// Every name that some step or slot puts among the facts.
    fn roots(&self) -> BTreeSet<String> {
        let mut roots: BTreeSet<String> = self.slots.keys().cloned().collect();
        roots.insert("refusal".to_owned());
        for step in self.in_order() {
            match &step.kind {
                StepKind::Call { call, .. } => {
                    roots.insert(call.save.clone());
                }
                StepKind::Choose { choose, .. } => {
                    roots.insert(choose.slot.clone());
                    roots.insert(format!("{}_item", choose.slot));
                }
                StepKind::Say { .. }
                | StepKind::Ask { .. }
                | StepKind::Confirm { .. }
                | StepKind::When { .. }
                | StepKind::End(_) => {}
            }
        }
        roots
    }

    fn step_problems(&self, step: &Step) -> Vec<FlowError> {
        let mut found = Vec::new();
        let (flow, id) = (self.id.clone(), step.id.clone());
        let roots = self.roots();
        let mut texts: Vec<&str> = Vec::new();
        let mut paths: Vec<&str> = Vec::new();
        let both = |text: &'_ Localized| -> [String; 2] { [text.zh_cn.clone(), text.en.clone()] };
        let mut localized: Vec<[String; 2]> = Vec::new();
        let card = |card: &CardTemplate, localized: &mut Vec<[String; 2]>, values: &mut Vec<String>| {
            localized.push(both(&card.title));
            for row in card.rows.iter().chain(&card.total) {
                localized.push(both(&row.label));
                values.push(row.value.clone());
            }
            if let Some(each) = &card.each {
                values.push(format!("{{{}}}", each.list));
            }
        };
        let mut values = Vec::new();
        match &step.kind {
            StepKind::Say { message, .. } => {
                localized.push(both(&message.text));
                if let Some(template) = &message.card {
                    card(template, &mut localized, &mut values);
                }
            }
            StepKind::Confirm { confirm, .. } => {
                localized.push(both(&confirm.text));
                if let Some(template) = &confirm.card {
                    card(template, &mut localized, &mut values);
                }
            }
            StepKind::Ask { ask, .. } => {
                localized.push(both(&ask.text));
                for field in ask.fields.iter().filter(|f| !self.slots.contains_key(&f.slot)) {
                    found.push(FlowError::Slot { flow: flow.clone(), step: id.clone(), slot: field.slot.clone() });
                }
            }
            StepKind::Choose { choose, .. } => {
                localized.push(both(&choose.text));
                paths.push(&choose.from);
            }
            StepKind::Call { call, .. } => texts.extend(call.with.values().map(String::as_str)),
            StepKind::When { branches, .. } => {
                paths.extend(branches.iter().map(|b: &Branch| b.fact.as_str()));
                if branches.iter().any(|b| b.conditions() != 1) {
                    found.push(FlowError::Branch { flow: flow.clone(), step: id.clone() });
                }
            }
            StepKind::End(_) => {}
        }
        for text in localized.iter().flatten().chain(&values) {
            texts.push(text);
            if let Some(literal) = literal_sums(text).into_iter().next() {
                found.push(FlowError::LiteralSum { flow: flow.clone(), step: id.clone(), literal });
            }
        }
        paths.extend(texts.iter().flat_map(|t| placeholders(t)));
        for path in paths {
            let root = path.split('.').next().unwrap_or(path);
            if !roots.contains(root) {
                found.push(FlowError::Placeholder {
                    flow: flow.clone(),
                    step: id.clone(),
                    path: path.to_owned(),
                    root: root.to_owned(),
                });
            }
        }
        found
    }
}
