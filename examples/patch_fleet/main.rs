//! The whole job as a program: a mixed fleet goes from nothing to patched and reported, on a clock
//! that turns a week and a half in a moment.
//!
//! `cargo run --example patch_fleet -- --help` says what it takes.

mod app;

use std::io;
use std::process::ExitCode;

use app::options::{HELP, Request, parse};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match parse(std::env::args().skip(1)) {
        Ok(Request::Help) => {
            print!("{HELP}");
            Ok(())
        }
        Ok(Request::Run(scenario)) => app::run(*scenario, &mut io::stdout().lock())
            .await
            .map_err(|error| error.to_string()),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("patch_fleet: {problem}");
            ExitCode::FAILURE
        }
    }
}
