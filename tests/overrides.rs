//! What the override files of a run do: what a file may hold, and what a run in memory makes of it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

#[path = "support/cases.rs"]
mod cases;

use std::time::Duration;

use aws_patch_manager::backend::{
    CommandRunner, ComplianceSource, DescribeInstancePatchStates, DescribeInstancePatches,
    GetCommandInvocation,
};
use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::compliance::InstancePatchState;
use aws_patch_manager::memory::{FleetFile, FleetNode, InstalledPackage};
use aws_patch_manager::operation::{
    BaselineOverride, InstallOverrideList, OverriddenPatch, SendCommand,
};
use aws_patch_manager::types::{NodeId, OperatingSystem, Patch, PatchOperation};
use aws_patch_manager::{BaselineBuilder, ErrorKind, MemoryBackend, PageRequest};
use serde_json::json;

const LINUX: &str = "i-00000000000000002";
const WINDOWS: &str = "i-00000000000000001";
const FILE: &str = "s3://patching/overrides/file.json";

const CATALOG: &str = r#"[
  {"KbNumber":"KB1","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-01-13T17:00:00Z","Title":"One"},
  {"KbNumber":"KB2","Product":"WindowsServer2022","Classification":"SecurityUpdates","MsrcSeverity":"Critical","ReleaseDate":"2026-02-10T17:00:00Z","Title":"Two"},
  {"KbNumber":"KB3","Product":"WindowsServer2022","Classification":"Updates","MsrcSeverity":"Low","ReleaseDate":"2026-02-10T17:00:00Z","Title":"Three"},
  {"Name":"curl","Epoch":0,"Version":"8.9","Release":"2","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Important","ReleaseDate":"2026-04-01T00:00:00Z"},
  {"Name":"curl","Epoch":0,"Version":"8.10","Release":"1","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Important","ReleaseDate":"2026-04-20T00:00:00Z"},
  {"Name":"sudo","Epoch":0,"Version":"1.9","Release":"2","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Critical","ReleaseDate":"2026-04-01T00:00:00Z"},
  {"Name":"vim","Epoch":2,"Version":"9.1","Release":"1","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Enhancement","Severity":"Low","ReleaseDate":"2026-04-01T00:00:00Z"},
  {"Name":"zlib","Epoch":0,"Version":"2.0","Release":"1","Arch":"x86_64","Product":"AmazonLinux2023","Classification":"Security","Severity":"Critical","ReleaseDate":"2026-04-01T00:00:00Z"}
]"#;

fn linux() -> FleetNode {
    let rpm = |name: &str| InstalledPackage::rpm(name, 0, "1.0", "1", "x86_64");
    let node = FleetNode::amazon_linux_2023(LINUX);
    ["curl", "sudo", "vim"]
        .iter()
        .fold(node, |node, name| node.with_installed(rpm(name)))
}

/// An account of one node, whose system has AWS's predefined baseline.
fn account(node: FleetNode) -> MemoryBackend {
    let mut fleet = FleetFile::default();
    fleet.nodes = vec![node];
    MemoryBackend::builder()
        .start("2026-05-20T00:00:00Z".parse().unwrap())
        .catalog_json(CATALOG)
        .unwrap()
        .fleet(fleet)
        .build()
}

/// Runs an operation with these parameters, and returns its exit code and its errors.
async fn run(
    backend: &MemoryBackend,
    node: &str,
    operation: PatchOperation,
    parameters: &[(&str, &str)],
) -> (i32, String) {
    let mut request = SendCommand::run_patch_baseline(operation);
    request.instance_ids = vec![NodeId::new(node)];
    for (name, value) in parameters {
        request.set_parameter(*name, *value);
    }
    let sent = backend.send_command(request).await.unwrap();
    backend.advance(Duration::from_hours(1));
    let plugin = if node == WINDOWS {
        "PatchWindows"
    } else {
        "PatchLinux"
    };
    let step =
        GetCommandInvocation::new(&sent.command_id, NodeId::new(node)).with_plugin_name(plugin);
    let step = backend.get_command_invocation(step).await.unwrap();
    (step.response_code, step.standard_error_content)
}

/// The state of each patch of a node, with the version that its title names.
async fn summary(backend: &MemoryBackend, node: &str) -> String {
    let request = DescribeInstancePatches::new(node, vec![], PageRequest::first());
    let page = backend.describe_instance_patches(request).await.unwrap();
    let rows = page.items.iter().map(|patch| {
        let version = patch.title.rsplit(':').next().unwrap_or_default();
        format!("{} {} {version}", patch.kb_id, patch.state)
            .trim_end()
            .to_owned()
    });
    rows.collect::<Vec<_>>().join(", ")
}

async fn state(backend: &MemoryBackend, node: &str) -> Option<InstancePatchState> {
    let nodes = [NodeId::new(node)];
    let request = DescribeInstancePatchStates::new(&nodes, PageRequest::first());
    let page = backend.describe_instance_patch_states(request);
    page.await.unwrap().items.pop()
}

fn list(entries: impl IntoIterator<Item = OverriddenPatch>) -> String {
    InstallOverrideList::new(entries).unwrap().to_json()
}

async fn install(backend: &MemoryBackend, node: &str, file: String) -> i32 {
    backend.put_object(FILE, file).unwrap();
    let parameters = [("InstallOverrideList", FILE)];
    run(backend, node, PatchOperation::Install, &parameters)
        .await
        .0
}

// User Guide, InstallOverrideList: it alone decides; compliance is still by the baseline.
#[tokio::test]
async fn on_linux_a_list_updates_what_it_names_alone_approved_or_not() {
    let backend = account(linux());
    let entries = ["vim", "zlib"].map(OverriddenPatch::new);
    let older = OverriddenPatch::new("curl").with_title("curl.x86_64:0:8.9-*");
    assert_eq!(
        install(&backend, LINUX, list(entries.into_iter().chain([older]))).await,
        0
    );
    assert_eq!(
        summary(&backend, LINUX).await,
        "curl.x86_64 Missing 8.10-1, sudo.x86_64 Missing 1.9-2, vim.x86_64 InstalledOther 9.1-1",
        "zlib is not installed, so nothing adds it"
    );
    let state = state(&backend, LINUX).await.unwrap();
    assert_eq!(state.install_override_list.as_deref(), Some(FILE));
}

#[tokio::test]
async fn what_a_list_names_and_does_not_install_has_failed_and_the_rest_stays_missing() {
    let backend = account(
        linux()
            .with_failing_patch("curl.x86_64")
            .with_failing_patch("vim.x86_64"),
    );
    let entries = ["curl", "vim"].map(OverriddenPatch::new);
    assert_eq!(install(&backend, LINUX, list(entries)).await, 1);
    assert_eq!(
        summary(&backend, LINUX).await,
        "curl.x86_64 Failed 8.10-1, sudo.x86_64 Missing 1.9-2, vim.x86_64 Failed 1.0-1"
    );
}

#[tokio::test]
async fn on_windows_a_list_installs_only_what_the_baseline_approves_too() {
    let backend = account(FleetNode::windows_server_2022(WINDOWS));
    let entries = ["KB1", "KB3"].map(OverriddenPatch::new);
    assert_eq!(install(&backend, WINDOWS, list(entries)).await, 0);
    assert_eq!(
        summary(&backend, WINDOWS).await,
        "KB1 Installed One, KB2 Missing Two"
    );
}

#[tokio::test]
async fn an_empty_list_installs_nothing_and_one_without_an_id_fails() {
    let backend = account(linux());
    assert_eq!(install(&backend, LINUX, list([])).await, 0);
    assert_eq!(
        summary(&backend, LINUX).await,
        "curl.x86_64 Missing 8.10-1, sudo.x86_64 Missing 1.9-2, vim.x86_64 InstalledOther 1.0-1"
    );
    let without = json!({"patches": [{"title": "curl*"}]}).to_string();
    assert_eq!(install(&backend, LINUX, without).await, 1);
}

#[tokio::test]
async fn a_scan_reads_no_list() {
    let backend = account(linux());
    let parameters = [("InstallOverrideList", FILE)];
    let (code, _) = run(&backend, LINUX, PatchOperation::Scan, &parameters).await;
    assert_eq!(code, 0);
    assert_eq!(
        state(&backend, LINUX).await.unwrap().install_override_list,
        None
    );
}

fn everything(os: OperatingSystem) -> BaselineSpec {
    let mut spec = BaselineSpec::new("everything", os);
    spec.approved_patches = vec!["vim".to_owned(), "KB3".to_owned()];
    spec.approved_patches_enable_non_security = Some(true);
    spec
}

// User Guide, BaselineOverride; AWS-RunPatchBaseline's payload for the codes.
#[tokio::test]
async fn a_baseline_override_needs_exactly_one_known_baseline_for_the_system() {
    let (linux_one, windows_one) = (json!({"OperatingSystem": "AMAZON_LINUX_2023"}), json!({}));
    let unknown = json!({"OperatingSystem": "PLAN_9"});
    let cases = [
        (json!([linux_one, windows_one]), 0),
        (json!([windows_one]), 163),
        (json!([]), 163),
        (json!([linux_one, linux_one]), 165),
        (json!([linux_one, unknown]), 166),
        (linux_one.clone(), 161),
        (json!("text"), 161),
    ];
    for (file, code) in cases {
        let backend = account(linux());
        backend.put_object(FILE, file.to_string()).unwrap();
        let parameters = [("BaselineOverride", FILE)];
        let (found, errors) = run(&backend, LINUX, PatchOperation::Scan, &parameters).await;
        assert_eq!(found, code, "{file}: {errors}");
        assert_eq!(errors.contains("BaselineOverride"), code != 0, "{errors}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_cannot_be_downloaded() {
    let backend = account(linux());
    backend.put_object(FILE, "[]").unwrap();
    backend.remove_object(FILE).unwrap();
    assert_eq!(
        backend.remove_object(FILE).unwrap_err().kind(),
        ErrorKind::NotFound
    );
    for name in ["BaselineOverride", "InstallOverrideList"] {
        let (code, errors) = run(&backend, LINUX, PatchOperation::Install, &[(name, FILE)]).await;
        assert_eq!(code, 162);
        assert!(errors.contains(name), "{errors}");
    }
    assert_eq!(state(&backend, LINUX).await, None);
}

/// The query of a presigned URL is a credential, and the output of a run is read by many.
#[tokio::test]
async fn what_a_run_prints_is_without_the_query_of_a_presigned_url() {
    let file = "https://files.s3.eu-central-1.amazonaws.com/file.json";
    let signed = format!("{file}?X-Amz-Signature=5ec2e7");
    for state in ["absent", "denied", "malformed"] {
        for name in ["BaselineOverride", "InstallOverrideList"] {
            let backend = account(linux());
            match state {
                "denied" => backend.deny_object(&signed).unwrap(),
                "malformed" => backend.put_object(&signed, "5").unwrap(),
                _ => {}
            }
            let parameters = [(name, signed.as_str())];
            let (code, errors) = run(&backend, LINUX, PatchOperation::Install, &parameters).await;
            assert_ne!(code, 0, "{state}");
            assert!(errors.contains(name), "{state}: {errors}");
            assert!(!errors.contains("5ec2e7"), "{state}: {errors}");
        }
    }
}

// User Guide, InstallOverrideList: the file is YAML.
#[tokio::test]
async fn a_list_is_read_as_yaml_and_so_as_json() {
    let names_vim = [
        "patches:\n  - id: 'vim'\n",
        "---\n# after the freeze\npatches:\n- id: vim # any version\n  title: \"vim.x86_64:2:9.1-*\"\n",
        "patches: [{id: vim}]\n",
        r#"{"patches": [{"id": "vim", "note": 1}]}"#,
    ];
    for file in names_vim {
        let backend = account(linux());
        assert_eq!(install(&backend, LINUX, file.to_owned()).await, 0, "{file}");
        let found = summary(&backend, LINUX).await;
        assert!(found.contains("vim.x86_64 InstalledOther 9.1-1"), "{file}");
        assert!(found.contains("sudo.x86_64 Missing"), "{file}: {found}");
    }
    for file in [
        "patches:\n  - title: 'vim'\n",
        "patches:\n  - id: 9\n",
        "patches: vim\n",
        "patches:\n\t- id: vim\n",
        "",
        "- id: vim\n",
    ] {
        let backend = account(linux());
        assert_eq!(install(&backend, LINUX, file.to_owned()).await, 1, "{file}");
        assert_eq!(state(&backend, LINUX).await, None);
    }
    let list = InstallOverrideList::from_yaml(names_vim[1]).unwrap();
    assert_eq!(
        InstallOverrideList::from_json(&list.to_json()).unwrap(),
        list
    );
    assert_eq!(
        InstallOverrideList::from_yaml(&list.to_json()).unwrap(),
        list
    );
    assert!(InstallOverrideList::from_json(names_vim[1]).is_err());
}

// User Guide, troubleshooting Patch Manager: 160, and on Windows the script just ends with an error.
#[tokio::test]
async fn a_file_that_a_node_may_not_read_is_denied() {
    let windows = FleetNode::windows_server_2022(WINDOWS);
    for (node, at, code) in [(linux(), LINUX, 160), (windows, WINDOWS, -1)] {
        let backend = account(node);
        for name in ["BaselineOverride", "InstallOverrideList"] {
            backend.put_object(FILE, r#"{"patches":[]}"#).unwrap();
            backend.deny_object(FILE).unwrap();
            let (found, errors) = run(&backend, at, PatchOperation::Install, &[(name, FILE)]).await;
            assert_eq!(found, code, "{name}");
            assert!(
                errors.contains(name) && errors.contains("denied"),
                "{errors}"
            );
            assert_eq!(state(&backend, at).await, None);
        }
        assert_eq!(
            install(&backend, at, r#"{"patches":[]}"#.to_owned()).await,
            0,
            "what is put there can be read"
        );
        backend.deny_object(FILE).unwrap();
        backend.remove_object(FILE).unwrap();
        let list = [("InstallOverrideList", FILE)];
        let (found, _) = run(&backend, at, PatchOperation::Install, &list).await;
        assert_eq!(found, 162);
    }
    let refused = account(linux()).deny_object("s3://bucket").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn an_override_without_an_association_reports_no_compliance() {
    let backend = account(linux());
    run(&backend, LINUX, PatchOperation::Scan, &[]).await;
    let before = (summary(&backend, LINUX).await, state(&backend, LINUX).await);
    let file = BaselineOverride::new([everything(OperatingSystem::AmazonLinux2023)]).unwrap();
    backend.put_object(FILE, file.to_json()).unwrap();
    let mut parameters = vec![("BaselineOverride", FILE)];
    assert_eq!(
        run(&backend, LINUX, PatchOperation::Install, &parameters)
            .await
            .0,
        0
    );
    assert_eq!(
        (summary(&backend, LINUX).await, state(&backend, LINUX).await),
        before
    );
    // It installed all the same.
    parameters.push(("AssociationId", "11111111-2222-3333-4444-555555555555"));
    assert_eq!(
        run(&backend, LINUX, PatchOperation::Scan, &parameters)
            .await
            .0,
        0
    );
    assert_eq!(
        summary(&backend, LINUX).await,
        "curl.x86_64 InstalledOther 1.0-1, sudo.x86_64 InstalledOther 1.0-1, vim.x86_64 Installed 9.1-1"
    );
}

// User Guide, BaselineOverride: the snapshot id wins over a change of the file.
#[tokio::test]
async fn a_known_snapshot_wins_over_a_changed_file() {
    let backend = account(linux());
    let id = "11111111-2222-3333-4444-555555555555";
    let parameters = [
        ("BaselineOverride", FILE),
        ("AssociationId", id),
        ("SnapshotId", id),
    ];
    let file = BaselineOverride::new([everything(OperatingSystem::AmazonLinux2023)]).unwrap();
    backend.put_object(FILE, file.to_json()).unwrap();
    run(&backend, LINUX, PatchOperation::Scan, &parameters).await;
    let before = summary(&backend, LINUX).await;
    assert!(before.contains("vim.x86_64 Missing"), "{before}");
    let nothing = BaselineSpec::new("nothing", OperatingSystem::AmazonLinux2023);
    let file = BaselineOverride::new([nothing]).unwrap();
    backend.put_object(FILE, file.to_json()).unwrap();
    run(&backend, LINUX, PatchOperation::Scan, &parameters).await;
    assert_eq!(summary(&backend, LINUX).await, before);
    run(&backend, LINUX, PatchOperation::Scan, &parameters[..2]).await;
    assert!(!summary(&backend, LINUX).await.contains("Missing"));
}

// The node downloads and checks its file before it asks for the snapshot.
#[tokio::test]
async fn a_run_under_a_known_snapshot_reads_its_files_all_the_same() {
    let backend = account(linux());
    let id = "11111111-2222-3333-4444-555555555555";
    let under = [("BaselineOverride", FILE), ("SnapshotId", id)];
    let file = BaselineOverride::new([everything(OperatingSystem::AmazonLinux2023)]).unwrap();
    backend.put_object(FILE, file.to_json()).unwrap();
    for known in [false, true] {
        let found = run(&backend, LINUX, PatchOperation::Scan, &under).await;
        assert_eq!(found.0, 0, "known: {known}: {}", found.1);
    }
    backend.put_object(FILE, "[]").unwrap();
    assert_eq!(
        run(&backend, LINUX, PatchOperation::Scan, &under).await.0,
        163
    );
    backend.remove_object(FILE).unwrap();
    assert_eq!(
        run(&backend, LINUX, PatchOperation::Scan, &under).await.0,
        162
    );

    let under = [("InstallOverrideList", FILE), ("SnapshotId", id)];
    for name in ["vim", "sudo"] {
        backend
            .put_object(FILE, list([OverriddenPatch::new(name)]))
            .unwrap();
        assert_eq!(
            run(&backend, LINUX, PatchOperation::Install, &under)
                .await
                .0,
            0
        );
        let installed = format!("{name}.x86_64 Installed");
        let found = summary(&backend, LINUX).await;
        assert!(found.contains(&installed), "{name}: {found}");
    }
    backend.remove_object(FILE).unwrap();
    assert_eq!(
        run(&backend, LINUX, PatchOperation::Install, &under)
            .await
            .0,
        162
    );
}

// S3 User Guide, virtual hosting and path-style requests.
#[tokio::test]
async fn every_url_of_an_object_leads_to_it() {
    let same = [
        "s3://my.bucket/folder/a file.json",
        "https://my.bucket.s3.amazonaws.com/folder/a%20file.json",
        "https://my.bucket.s3.eu-central-1.amazonaws.com/folder/a%20file.json",
        "https://my.bucket.s3-eu-west-1.amazonaws.com/folder/a%20file.json?X-Amz-Signature=1",
        "https://my.bucket.s3.dualstack.us-east-1.amazonaws.com/folder/a%20file.json",
        "https://s3.amazonaws.com/my.bucket/folder/a%20file.json",
        "https://s3.eu-central-1.amazonaws.com/my.bucket/folder/a%20file.json",
        "https://s3.cn-north-1.amazonaws.com.cn/my.bucket/folder/a%20file.json",
    ];
    let backend = account(linux());
    for put in same {
        for removed in same {
            backend.put_object(put, "[]").unwrap();
            assert!(
                backend.remove_object(removed).is_ok(),
                "{put} is not {removed}"
            );
        }
    }
    backend
        .put_object("https://files.example.com/s3/list.json?key=1", "[]")
        .unwrap();
    assert!(
        backend
            .remove_object("https://example.com/s3/list.json")
            .is_err()
    );
    assert!(
        backend
            .remove_object("https://files.example.com/s3/list.json")
            .is_ok()
    );
    let refused = backend.put_object("s3://bucket", "[]").unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_file_of_baselines_is_checked_like_baselines_but_for_their_names() {
    let mut wrong = BaselineBuilder::amazon_linux_2023_security("linux", 7)
        .build()
        .unwrap();
    wrong.approved_patches = vec!["x".repeat(101)];
    let named = |name: &str| {
        BaselineBuilder::windows_critical_and_security(name, 7)
            .build()
            .unwrap()
    };
    let error = BaselineOverride::new([wrong, named("one"), named("two")]).unwrap_err();
    let fields = error.violations().iter().map(|one| one.field.as_str());
    assert_eq!(
        fields.collect::<Vec<_>>(),
        ["[0].ApprovedPatches[0]", "[2].OperatingSystem"]
    );
    assert_eq!(BaselineOverride::new([]).unwrap_err().violations().len(), 1);

    let file = r#"[{"BaselineId": "pb-0123456789abcdef0", "Name": "", "OperatingSystem": "SUSE", "CreatedDate": 1}]"#;
    let read = BaselineOverride::from_json(file).unwrap();
    assert_eq!(read.of_system(&OperatingSystem::Suse).count(), 1);
    assert_eq!(BaselineOverride::from_json(&read.to_json()).unwrap(), read);
    for wrong in ["", "{}", "[]", r#"[{"OperatingSystem": 1}]"#] {
        assert_eq!(
            BaselineOverride::from_json(wrong).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
}

/// A custom repository can have a password.
#[test]
fn a_baseline_override_that_cannot_be_read_is_refused_at_its_places_without_values() {
    let file = r#"[{"Sources": "password=5ec2e7", "Name": []}, [null, "5ec2e7"],
        {"Sources": [{"Name": "r", "Products": "5ec2e7", "Configuration": {"password": "5ec2e7"}}]}]"#;
    let error = BaselineOverride::from_json(file).unwrap_err();
    let mut fields: Vec<&str> = error
        .violations()
        .iter()
        .map(|one| one.field.as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "[0].Name",
            "[0].Sources",
            "[1]",
            "[2].Sources[0].Configuration",
            "[2].Sources[0].Products"
        ]
    );
    let said = format!("{error} {error:?}");
    assert!(!said.contains("5ec2e7"), "{said}");
}

// User Guide, BaselineOverride.
#[test]
fn the_name_of_an_override_file_has_no_quotes_and_no_dollar() {
    use aws_patch_manager::PatchRequest;
    for (url, legal) in [
        ("s3://bucket/it's/file.json", true),
        ("s3://bucket/it's.json", false),
        ("s3://bucket/$file.json", false),
        ("https://example.com/`file`.json", false),
    ] {
        let request = PatchRequest::scan().nodes([LINUX]).baseline_override(url);
        assert_eq!(request.commands().is_ok(), legal, "{url}");
    }
}

/// `PATCH_ORACLE` names the folder with the answers of AWS's node code.
#[tokio::test]
async fn an_install_updates_just_what_a_node_says_that_a_list_names() {
    let Some(folder) = cases::folder("PATCH_ORACLE") else {
        return;
    };
    let mut wrong = Vec::new();
    for case in cases::lines(&folder.join("override_cases.shared.jsonl")) {
        let (os, product) = match case["tool"].as_str().unwrap() {
            "apt" => (OperatingSystem::Ubuntu, "Ubuntu22.04"),
            "yum" => (OperatingSystem::AmazonLinux2, "AmazonLinux2"),
            "dnf" => (OperatingSystem::AmazonLinux2023, "AmazonLinux2023"),
            "zypper" => (OperatingSystem::Suse, "Suse15.5"),
            tool => panic!("{tool}"),
        };
        let mut patch: Patch = serde_json::from_value(case["package"].clone()).unwrap();
        patch.product = Some(product.to_owned());
        let release = patch.release.iter().map(|release| format!("-{release}"));
        let version = patch.version.as_deref().unwrap();
        let version = version.rsplit(':').next().unwrap();
        let version = format!(" {version}{}", release.collect::<String>());
        let mut installed = InstalledPackage::rpm("", 0, "0", "0", "");
        installed.name.clone_from(&patch.name);
        installed.arch.clone_from(&patch.arch);
        installed.release = patch.release.as_ref().map(|_| "0".to_owned());
        let mut fleet = FleetFile::default();
        fleet.nodes = vec![FleetNode::new(LINUX, os, product).with_installed(installed)];
        let backend = MemoryBackend::builder()
            .catalog(vec![patch])
            .fleet(fleet)
            .build();
        backend.put_object(FILE, case["list"].to_string()).unwrap();
        let parameters = [("InstallOverrideList", FILE)];
        let (code, _) = run(&backend, LINUX, PatchOperation::Install, &parameters).await;
        let found = state(&backend, LINUX).await.is_some();
        let updated = found.then_some(summary(&backend, LINUX).await.ends_with(&version));
        let right = match case["oracle"]["named"].as_bool() {
            Some(expected) => code == 0 && updated == Some(expected),
            None => code == 1 && updated.is_none(),
        };
        if !right {
            wrong.push(format!(
                "{}: exit code {code}, updated {updated:?}",
                case["id"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}
