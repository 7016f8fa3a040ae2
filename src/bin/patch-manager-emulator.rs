//! Serves accounts in memory as Systems Manager, Quick Setup, EC2 and STS, for any AWS client.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::emulator::{Emulator, EmulatorBuilder};
use aws_patch_manager::jiff::Timestamp;
use aws_patch_manager::memory::{MemoryBackendBuilder, MemoryOrganization};
use aws_patch_manager::{MemoryBackend, SystemClock};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

type Failure = Box<dyn Error>;

/// The interval at which the accounts' clock advances.
const TICK: Duration = Duration::from_millis(100);

/// The longest request to `/_emulator/`: a snapshot of a large account fits.
const CONTROL_BODY_LIMIT: usize = 64 << 20;

/// The organizational unit of accounts for which none is named.
const UNIT: &str = "ou-root-accounts";

const ABOUT: &str = "Serves AWS Patch Manager in memory on 127.0.0.1, for boto3, the AWS CLI, Terraform \
or an SDK, and prints the environment variables that lead a client there";

const AFTER_HELP: &str = "\
Everyone on this machine has full access: keys and signatures are not checked.
GET /_emulator/ lists what a test can do besides: reset, faults, the clock, nodes.
A request has at most 1 MiB, and one to /_emulator/, such as a snapshot, 64 MiB.
Ctrl-C or SIGTERM ends it.

Examples:
  patch-manager-emulator --port 8766 --speed 60
  patch-manager-emulator --account 111111111111 --account 222222222222 \\
      --region eu-central-1 --region eu-west-1";

fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let file = |name, help| option(name, "FILE", help).value_parser(value_parser!(PathBuf));
    Command::new("patch-manager-emulator")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(AFTER_HELP)
        .args([
            option("port", "PORT", "The port; 0 is a free one")
                .default_value("0")
                .value_parser(value_parser!(u16)),
            option("region", "REGION", "The Region; several for an organization")
                .default_value("us-east-1")
                .action(ArgAction::Append),
            option(
                "account",
                "ID[=UNIT]",
                "The account; with several an organization, the first of which is its management \
                 account. UNIT is the organizational unit of the others",
            )
            .default_value("123456789012")
            .action(ArgAction::Append),
            file(
                "fleet",
                "The nodes and their network as JSON in AWS's own shapes [default: the shipped sample]",
            ),
            Arg::new("empty")
                .long("empty")
                .action(ArgAction::SetTrue)
                .conflicts_with("fleet")
                .help("No nodes at first"),
            file(
                "catalog",
                "The patches, as `aws ssm describe-available-patches` prints them \
                 [default: those of the fleet file, else the shipped sample]",
            ),
            option("clock", "KIND", "A clock that requests can advance, or the machine's")
                .value_parser(["manual", "system"])
                .default_value("manual"),
            option(
                "start",
                "INSTANT",
                "When the manual clock starts, or `now` [default: 2026-05-14T00:00:00Z]",
            )
            .value_parser(read_instant),
            option(
                "speed",
                "N",
                "How many times faster than real time the manual clock runs; 0: only on request",
            )
            .default_value("1")
            .value_parser(value_parser!(u32)),
            option("seed", "N", "The seed of the ids of one account [default: 0]").value_parser(value_parser!(u64)),
            option("allow-host", "HOST", "Another host that requests may be for")
                .action(ArgAction::Append),
            option("for", "SECONDS", "Stops after that many seconds")
                .value_parser(value_parser!(u64)),
        ])
}

fn read_instant(text: &str) -> Result<Timestamp, String> {
    match text {
        "now" => Ok(Timestamp::now()),
        _ => text
            .parse()
            .map_err(|_| "an instant such as 2026-05-14T00:00:00Z, or now".to_owned()),
    }
}

fn main() -> ExitCode {
    let arguments = command().get_matches();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            drop(writeln!(io::stderr(), "error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &ArgMatches) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        // Before the first line is printed: a caller may stop it as soon as it has read that.
        let stop = stop_signal()?;
        let (emulator, variables) = start(arguments)?;
        // Nobody may read them.
        drop(write!(io::stdout(), "{variables}").and_then(|()| io::stdout().flush()));
        let speed: u32 = one(arguments, "speed").unwrap_or(1);
        tokio::select! {
            () = stop => {}
            () = tick(emulator.backend(), speed) => {}
            () = pass(one(arguments, "for")) => {}
        }
        emulator.shutdown().await;
        Ok(())
    })
}

/// Returns once the process is told to end.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminated = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    #[cfg(unix)]
    let mut interrupted = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::interrupt())?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminated.recv() => {}
            _ = interrupted.recv() => {}
        }
        #[cfg(not(unix))]
        drop(tokio::signal::ctrl_c().await);
    })
}

/// Advances a manual clock, for ever.
async fn tick(backend: &MemoryBackend, speed: u32) {
    loop {
        tokio::time::sleep(TICK).await;
        backend.advance(TICK.saturating_mul(speed));
    }
}

/// Returns after that many seconds; without them never.
async fn pass(seconds: Option<u64>) {
    match seconds {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

/// Starts what the arguments describe; returns the variables to export as well.
fn start(arguments: &ArgMatches) -> Result<(Emulator, String), Failure> {
    let mut emulator = Emulator::builder()
        .port(one(arguments, "port").unwrap_or_default())
        .control_body_limit(CONTROL_BODY_LIMIT);
    for host in all(arguments, "allow-host") {
        emulator = emulator.allow_host(host);
    }
    check_clock(arguments)?;
    let template = template(arguments)?;
    let (accounts, regions) = (all(arguments, "account"), all(arguments, "region"));
    check_places(&accounts, &regions)?;
    match (&accounts[..], &regions[..]) {
        ([account], [region]) => {
            let (account, _) = unit_of(account);
            if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("--account {account}: 12 digits").into());
            }
            let backend = template.account(account).region(region).build();
            let emulator = emulator.start(backend)?;
            let variables = variables(&emulator, region, account, "test");
            Ok((emulator, variables))
        }
        _ => serve_organization(emulator, template, &accounts, &regions),
    }
}

/// Refuses a Region that a shell would not take as it is printed, and what is given twice.
fn check_places(accounts: &[String], regions: &[String]) -> Result<(), Failure> {
    let is_legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    for region in regions {
        if region.is_empty() || !region.chars().all(is_legal) {
            let message = format!("--region {region:?}: a Region, such as us-east-1");
            return Err(message.into());
        }
    }
    let accounts: Vec<&str> = accounts.iter().map(|one| unit_of(one).0).collect();
    let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
    for (name, given) in [("account", accounts), ("region", regions)] {
        let mut seen = BTreeSet::new();
        if let Some(again) = given.into_iter().find(|one| !seen.insert(*one)) {
            return Err(format!("--{name} {again}: it is given twice").into());
        }
    }
    Ok(())
}

/// Refuses what the machine's clock cannot do.
fn check_clock(arguments: &ArgMatches) -> Result<(), Failure> {
    if !is_system_clock(arguments) {
        return Ok(());
    }
    let given = |name: &str| arguments.value_source(name) == Some(ValueSource::CommandLine);
    let several = ["account", "region"].into_iter();
    if several
        .map(|name| all(arguments, name).len())
        .any(|count| count > 1)
    {
        let message =
            "--clock system: several accounts or Regions share a manual clock; try --start now";
        return Err(message.into());
    }
    match ["start", "speed"].into_iter().find(|name| given(name)) {
        Some(name) => Err(format!("--{name}: only with a manual clock").into()),
        None => Ok(()),
    }
}

fn is_system_clock(arguments: &ArgMatches) -> bool {
    one::<String>(arguments, "clock").as_deref() == Some("system")
}

/// Serves several accounts, or one in several Regions.
fn serve_organization(
    emulator: EmulatorBuilder,
    template: MemoryBackendBuilder,
    accounts: &[String],
    regions: &[String],
) -> Result<(Emulator, String), Failure> {
    let mut organization = MemoryOrganization::builder()
        .regions(regions)
        .template(template);
    for (number, account) in accounts.iter().enumerate() {
        let (account, unit) = unit_of(account);
        organization = match number {
            0 => organization.management(account),
            _ => organization.unit(unit, None).account(account, unit),
        };
    }
    let organization = organization.build()?;
    let emulator = emulator.start_organization(&organization)?;
    let management = organization.management();
    let key = organization.access_key(management)?;
    let region = regions.first().map(String::as_str).unwrap_or_default();
    let mut variables = variables(&emulator, region, management, &key);
    for account in organization
        .accounts()
        .filter(|account| *account != management)
    {
        let key = organization.access_key(account)?;
        writeln!(
            variables,
            "# account {account}: export AWS_ACCESS_KEY_ID={key}"
        )?;
    }
    Ok((emulator, variables))
}

/// What every account starts as.
fn template(arguments: &ArgMatches) -> Result<MemoryBackendBuilder, Failure> {
    let mut template = MemoryBackend::builder();
    template = match one::<PathBuf>(arguments, "fleet") {
        Some(file) => template
            .fleet_json(&read(&file)?)
            .map_err(|error| in_file(&file, &error))?,
        None if arguments.get_flag("empty") => template,
        None => template.sample_fleet(),
    };
    if let Some(file) = one::<PathBuf>(arguments, "catalog") {
        let catalog = read(&file)?;
        template = template
            .catalog_json(&catalog)
            .map_err(|error| in_file(&file, &error))?;
    }
    if let Some(seed) = one(arguments, "seed") {
        template = template.seed(seed);
    }
    if let Some(start) = one(arguments, "start") {
        template = template.start(start);
    }
    if is_system_clock(arguments) {
        template = template.clock(Arc::new(SystemClock::new()));
    }
    Ok(template)
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| in_file(file, &error))
}

fn in_file(file: &Path, error: &dyn Error) -> Failure {
    format!("{}: {error}", file.display()).into()
}

/// The account of an argument, and its unit.
fn unit_of(account: &str) -> (&str, &str) {
    account.split_once('=').unwrap_or((account, UNIT))
}

fn variables(emulator: &Emulator, region: &str, account: &str, key: &str) -> String {
    let endpoint = emulator.endpoint();
    format!(
        "export AWS_ENDPOINT_URL={endpoint}\n\
         export AWS_REGION={region}\n\
         export AWS_DEFAULT_REGION={region}\n\
         export AWS_ACCOUNT_ID={account}\n\
         export AWS_ACCESS_KEY_ID={key}\n\
         export AWS_SECRET_ACCESS_KEY=test\n"
    )
}

fn one<T: Clone + Send + Sync + 'static>(arguments: &ArgMatches, name: &str) -> Option<T> {
    arguments.get_one::<T>(name).cloned()
}

fn all(arguments: &ArgMatches, name: &str) -> Vec<String> {
    let values = arguments.get_many::<String>(name).unwrap_or_default();
    values.cloned().collect()
}
