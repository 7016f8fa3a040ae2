//! The whole job as a program: a mixed fleet goes from nothing to patched and reported, on a clock
//! that turns a week and a half in a moment.
//!
//! `cargo run --example patch_fleet -- --help` says what it takes.

mod app;

use std::io::{self, Write};
use std::process::ExitCode;

use app::Outcome;
use app::options::{HELP, Request, parse};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match tell(&mut io::stdout().lock()).await {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough, as `head` has.
        Err(error) if app::is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patch_fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(out: &mut dyn Write) -> Outcome {
    match parse(std::env::args().skip(1))? {
        Request::Help => Ok(out.write_all(HELP.as_bytes())?),
        Request::Run(scenario) => app::run(*scenario, out).await,
    }
}
