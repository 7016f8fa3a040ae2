//! The scenario step by step, printed as it goes.

pub(crate) mod options;

mod compliance;
mod patches;
mod runs;
mod setup;
mod site;
mod table;

use std::error::Error;
use std::io::{self, Write};

use options::Scenario;
use site::Site;

/// Any error of the program: of the service or of the output.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Runs the scenario, from an account without baselines to the compliance report.
pub(crate) async fn run(scenario: Scenario, out: &mut dyn Write) -> Outcome {
    let Scenario {
        start,
        days,
        source,
        fleet,
    } = scenario;
    let site = Site::open(start, fleet);
    writeln!(
        out,
        "{} nodes from {source}, {days} days from {}\n",
        site.nodes.len(),
        site::day(start)
    )?;

    step(out, 1, "Which prerequisites are missing")?;
    setup::check_prerequisites(&site, out).await?;
    step(out, 2, "What: a baseline for each operating system")?;
    let baselines = setup::make_baselines(&site, out).await?;
    step(out, 3, "Where: one patch group for the fleet")?;
    setup::bind_and_tag(&site, &baselines, out).await?;
    step(out, 4, "When: a patch policy")?;
    setup::ensure_policy(&site, &baselines, out).await?;
    step(out, 5, "What happened")?;
    let troubles = runs::live(&site, days, out).await?;
    step(out, 6, "The compliance of the fleet")?;
    let standing = compliance::report(&site, &troubles, out).await?;
    patches::of_one_node(&site, &standing, out).await
}

/// Whether it stopped because the reader has closed the pipe.
pub(crate) fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    let error: Option<&io::Error> = error.downcast_ref();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn step(out: &mut dyn Write, number: u32, title: &str) -> io::Result<()> {
    writeln!(out, "{number}. {title}\n")
}
