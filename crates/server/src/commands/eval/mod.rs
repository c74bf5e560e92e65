//! `jieti eval`: measures understanding, on files of one's own and on the lists that come with it.

mod elsewhere;
mod faq;
mod fuzz;
mod intents;
mod large;
mod signals;

use clap::Subcommand;

#[derive(Subcommand)]
pub enum EvalCommand {
    /// Answer or abstain over frequent questions: accuracy, coverage at precision, calibration, latency.
    Faq(faq::FaqArgs),
    /// Tell intents apart on BANKING77 or CLINC150, trained from scratch.
    Intents(intents::IntentsArgs),
    /// Read with a knowledge base of many entries: time a message, memory, time to take up an edit.
    Large(large::LargeArgs),
    /// Find signals (asks for a person, fraud, self-harm, ...) in written lines: recall and false alarms.
    Signals(signals::SignalsArgs),
    /// Read random, broken and hostile texts; a panic ends it with the seed and number of the text.
    Fuzz(fuzz::FuzzArgs),
}

pub fn run(command: EvalCommand) -> anyhow::Result<()> {
    match command {
        EvalCommand::Faq(args) => faq::run(&args),
        EvalCommand::Intents(args) => intents::run(&args),
        EvalCommand::Large(args) => large::run(&args),
        EvalCommand::Signals(args) => signals::run(&args),
        EvalCommand::Fuzz(args) => fuzz::run(&args),
    }
}
