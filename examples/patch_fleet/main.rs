//! The whole job as a program: it sets up patching for a mixed fleet, simulates a week and a half
//! in a moment, and reports.
//!
//! `cargo run --example patch_fleet -- --help` prints the options.

mod app;

use std::io::{self, Write};
use std::process::ExitCode;

use app::Outcome;
use app::options::{HELP, Request, parse};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match tell(&mut io::stdout().lock()).await {
        Ok(()) => ExitCode::SUCCESS,
        // The reader, such as `head`, has closed the pipe.
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
