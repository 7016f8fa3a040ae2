//! The program `patch-manager-emulator`, as a shell starts it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_patch-manager-emulator");

/// A program that runs, and the lines that it printed.
struct Running {
    child: Child,
    variables: BTreeMap<String, String>,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut variables = BTreeMap::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            let (name, value) = line
                .strip_prefix("export ")
                .unwrap()
                .split_once('=')
                .unwrap();
            variables.insert(name.to_owned(), value.to_owned());
            if name == "AWS_SECRET_ACCESS_KEY" {
                break;
            }
        }
        Self { child, variables }
    }

    fn get(&self, path: &str) -> String {
        let address = self.variables["AWS_ENDPOINT_URL"]
            .strip_prefix("http://")
            .unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends it a signal, and returns its exit code.
    fn end(mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        self.child.wait().unwrap().code()
    }
}

fn output(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}

#[test]
fn it_serves_on_the_loopback_interface_until_a_signal_and_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let running = Running::start(&[
            "--speed",
            "0",
            "--region",
            "eu-west-1",
            "--account",
            "222222222222",
        ]);
        let variables = &running.variables;
        assert!(variables["AWS_ENDPOINT_URL"].starts_with("http://127.0.0.1:"));
        assert_eq!(variables["AWS_REGION"], "eu-west-1");
        assert_eq!(variables["AWS_DEFAULT_REGION"], "eu-west-1");
        assert_eq!(variables["AWS_ACCOUNT_ID"], "222222222222");
        let nodes = running.get("/_emulator/nodes");
        assert!(nodes.contains("i-0c0ffee0000000001"), "{nodes}");
        assert_eq!(running.end(signal), Some(0), "{signal}");
    }
}

#[test]
fn a_fleet_and_a_catalog_come_from_files() {
    let folder =
        std::env::temp_dir().join(format!("patch-manager-emulator-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (fleet, catalog) = (folder.join("fleet.json"), folder.join("catalog.json"));
    let node = r#"{"Nodes": [{"InstanceInformation": {"InstanceId": "i-0123456789abcdef0"},
        "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022"}]}"#;
    std::fs::write(&fleet, node).unwrap();
    std::fs::write(
        &catalog,
        r#"{"Patches": [{"KbNumber": "KB5099999", "Product": "WindowsServer2022"}]}"#,
    )
    .unwrap();
    let (fleet, catalog) = (fleet.to_str().unwrap(), catalog.to_str().unwrap());
    let running = Running::start(&["--fleet", fleet, "--catalog", catalog]);
    let nodes = running.get("/_emulator/nodes");
    assert_eq!(nodes.matches("\"OperatingSystem\"").count(), 1, "{nodes}");
    assert_eq!(running.end("-TERM"), Some(0));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn several_accounts_are_an_organization_with_a_key_each() {
    let run = output(&[
        "--account",
        "111111111111",
        "--account",
        "222222222222=ou-ab12-production",
        "--region",
        "eu-central-1",
        "--region",
        "eu-west-1",
        "--for",
        "0",
    ]);
    assert!(run.status.success());
    let printed = String::from_utf8(run.stdout).unwrap();
    for line in [
        "export AWS_REGION=eu-central-1",
        "export AWS_ACCESS_KEY_ID=AKIA111111111111MEMO",
        "# account 222222222222: export AWS_ACCESS_KEY_ID=AKIA222222222222MEMO",
    ] {
        assert!(
            printed.lines().any(|printed| printed == line),
            "{line}: {printed}"
        );
    }
}

#[test]
fn what_it_cannot_do_is_an_error_that_names_the_argument_or_the_file() {
    let rows: [(&[&str], i32, &str); 11] = [
        (
            &["--fleet", "/nowhere/fleet.json"],
            1,
            "/nowhere/fleet.json",
        ),
        (
            &["--catalog", "/nowhere/catalog.json"],
            1,
            "/nowhere/catalog.json",
        ),
        (&["--account", "12"], 1, "--account 12"),
        (&["--region", "x'; true '"], 1, "--region"),
        (&["--region", ""], 1, "--region"),
        (
            &["--region", "eu-west-1", "--region", "eu-west-1"],
            1,
            "--region eu-west-1: it is given twice",
        ),
        (
            &[
                "--clock",
                "system",
                "--account",
                "111111111111",
                "--account",
                "222222222222",
            ],
            1,
            "--clock system",
        ),
        (&["--clock", "system", "--start", "now"], 1, "--start"),
        (&["--clock", "system", "--speed", "60"], 1, "--speed"),
        (&["--start", "yesterday"], 2, "--start"),
        (&["--colour", "blue"], 2, "--colour"),
    ];
    for (arguments, code, named) in rows {
        let run = output(arguments);
        let message = String::from_utf8(run.stderr).unwrap();
        assert_eq!(run.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains(named), "{arguments:?}: {message}");
        assert!(run.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn the_help_names_every_option() {
    let help = String::from_utf8(output(&["--help"]).stdout).unwrap();
    for option in [
        "--port",
        "--region",
        "--account",
        "--fleet",
        "--empty",
        "--catalog",
        "--clock",
        "--start",
        "--speed",
        "--seed",
        "--allow-host",
        "--for",
    ] {
        assert!(help.contains(&format!("{option} ")), "{option}: {help}");
    }
}
