//! The in-memory PatchCatalog: its listings, its files, and the effective patches of a baseline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, DescribeAvailablePatches,
    DescribeEffectivePatchesForPatchBaseline, DescribePatchProperties, PatchCatalog, PatchProperty,
    PatchSet,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineSpec, PatchFilter, PatchFilterGroup,
    PatchFilterKey,
};
use aws_patch_manager::memory::FleetFile;
use aws_patch_manager::types::{
    BaselineId, EffectivePatch, OperatingSystem, Patch, PatchDeploymentStatus, QueryFilter,
};
use aws_patch_manager::{
    BaselineBuilder, Error, ErrorKind, MemoryBackend, PageRequest, PatchManager, RuleBuilder,
};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use std::time::Duration;
use support::values;

const CATALOGUE: &str = r#"{"Patches": [
    {"Id": "1", "KbNumber": "KB1", "Product": "WindowsServer2022", "ProductFamily": "Windows",
     "Classification": "SecurityUpdates", "MsrcSeverity": "Critical", "ReleaseDate": "2026-01-01T00:00:00Z"},
    {"Id": "2", "KbNumber": "KB2", "Product": "WindowsServer2022", "ProductFamily": "Windows",
     "Classification": "SecurityUpdates", "MsrcSeverity": "Important", "ReleaseDate": 1770681600,
     "Supersedes": ["KB1"]},
    {"Id": "3", "KbNumber": "KB3", "Product": "WindowsServer2019", "ProductFamily": "Windows",
     "Classification": "Updates", "MsrcSeverity": "Unspecified", "ReleaseDate": "2026-01-20T00:00:00Z"},
    {"Id": "4", "KbNumber": "KB4", "Product": "Office 2016", "ProductFamily": "Office",
     "Classification": "SecurityUpdates", "MsrcSeverity": "Critical", "ReleaseDate": "2026-01-05T00:00:00Z"}
]}
[
    {"Id": "5", "Name": "openssl", "Epoch": 1, "Version": "3.0.8", "Release": "1.amzn2023", "Arch": "x86_64",
     "Product": "AmazonLinux2023", "Classification": "Security", "Severity": "Important",
     "Repository": "amazonlinux", "AdvisoryIds": ["ALAS2023-2026-1"], "CVEIds": ["CVE-2026-1", "CVE-2026-2"],
     "BugzillaIds": ["77"], "ReleaseDate": "2026-01-10T00:00:00Z"},
    {"Id": "6", "Name": "bash", "Version": "5.2", "Release": "1", "Arch": "aarch64",
     "Product": "AmazonLinux2023", "Classification": "Bugfix", "ReleaseDate": "2026-01-11T00:00:00Z"},
    {"Id": "7", "Name": "libc6", "Version": "2.39", "Arch": "amd64", "Product": "Ubuntu24.04",
     "Priority": "Required", "Section": "libs"}
]"#;

fn at(date: &str) -> MemoryBackend {
    MemoryBackend::builder()
        .start(format!("{date}T00:00:00Z").parse().unwrap())
        .catalog_json(CATALOGUE)
        .unwrap()
        .build()
}

async fn ids(backend: &MemoryBackend, filters: &[(&str, &str)]) -> Result<Vec<String>, Error> {
    let filters = values::filters(filters);
    let request = DescribeAvailablePatches::new(filters, PageRequest::first());
    let page = backend.describe_available_patches(request).await?;
    Ok(page
        .items
        .into_iter()
        .filter_map(|patch| patch.id)
        .collect())
}

#[tokio::test]
async fn filters_select_by_every_key() {
    let backend = at("2026-02-01");
    let al2023 = ("PRODUCT", "AmazonLinux2023");
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        (&[], &["1", "3"]),
        (&[("PRODUCT", "WindowsServer2022")], &["1"]),
        (&[("PRODUCT", "windowsserver2022")], &[]),
        (&[("PATCH_SET", "OS")], &["1", "3"]),
        (&[("PATCH_SET", "APPLICATION")], &["4"]),
        (
            &[("PATCH_SET", "APPLICATION"), ("PRODUCT", "Office 2016")],
            &["4"],
        ),
        (
            &[("PATCH_SET", "APPLICATION"), ("PRODUCT_FAMILY", "Office")],
            &["4"],
        ),
        (&[("PRODUCT_FAMILY", "Windows")], &["1", "3"]),
        (&[("MSRC_SEVERITY", "Critical")], &["1"]),
        (&[("CLASSIFICATION", "Updates")], &["3"]),
        (&[("PATCH_ID", "KB3")], &["3"]),
        (&[al2023], &["5", "6"]),
        (&[al2023, ("CLASSIFICATION", "Security")], &["5"]),
        (&[al2023, ("NAME", "bash")], &["6"]),
        (&[al2023, ("SEVERITY", "Important")], &["5"]),
        (&[al2023, ("EPOCH", "1")], &["5"]),
        (&[al2023, ("VERSION", "5.2")], &["6"]),
        (&[al2023, ("RELEASE", "1.amzn2023")], &["5"]),
        (&[al2023, ("ARCH", "aarch64")], &["6"]),
        (&[al2023, ("REPOSITORY", "amazonlinux")], &["5"]),
        (&[al2023, ("ADVISORY_ID", "ALAS2023-2026-1")], &["5"]),
        (&[al2023, ("CVE_ID", "CVE-2026-2")], &["5"]),
        (&[al2023, ("BUGZILLA_ID", "77")], &["5"]),
        (&[("PRODUCT", "Ubuntu24.04")], &["7"]),
    ];
    for (filters, expected) in cases {
        assert_eq!(
            ids(&backend, filters).await.unwrap(),
            *expected,
            "{filters:?}"
        );
    }
}

#[tokio::test]
async fn values_of_a_filter_are_alternatives() {
    let both = QueryFilter::new("PATCH_ID", ["KB1", "KB3"]);
    let request = DescribeAvailablePatches::new(vec![both], PageRequest::first());
    let page = at("2026-02-01").describe_available_patches(request).await;
    assert_eq!(page.unwrap().items.len(), 2);
}

#[tokio::test]
async fn searches_the_service_refuses_are_refused() {
    let backend = at("2026-02-01");
    let product = ("PRODUCT", "AmazonLinux2023");
    for filters in [
        &[("NAME", "bash")][..],
        &[("SEVERITY", "Important")],
        &[("SECTION", "libs")],
        &[product; 6],
        &[("PRODUCT", "")],
    ] {
        let error = ids(&backend, filters).await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationException"), "{filters:?}");
    }
}

#[tokio::test]
async fn a_patch_appears_on_its_release_and_takes_the_superseded_one_away() {
    let backend = at("2025-12-31");
    let product = [("PRODUCT", "WindowsServer2022")];
    let listed = async || ids(&backend, &product).await.unwrap();
    assert_eq!(listed().await, [""; 0]);
    backend.advance(Duration::from_hours(24));
    assert_eq!(listed().await, ["1"]);
    backend.advance_to("2026-02-09T23:59:59Z".parse().unwrap());
    assert_eq!(listed().await, ["1"]);
    backend.advance(Duration::from_secs(1));
    assert_eq!(listed().await, ["2"]);
}

#[test]
fn a_catalog_that_cannot_be_read_says_where() {
    for (json, path, place) in [
        ("{\"Patches\": [}", "Patches[0]", "line 1 column 14"),
        (
            "{\"Patches\": []}\n{\"Patches\": [{\"Id\": 7}]}",
            "Patches[0].Id",
            "must be a string, not a number (line 2 column 21)",
        ),
        ("{\"Nodes\": []}", "Patches", "required (line 1"),
        ("7", "the text", "an object with `Patches`"),
        (
            "[{\"Id\": \"1\", \"ReleaseDate\": \"yesterday\"}]",
            "[0].ReleaseDate",
            "an ISO 8601 timestamp with an offset (line 1",
        ),
    ] {
        let error = MemoryBackend::builder().catalog_json(json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{json}");
        let found = error.violations().last().unwrap();
        assert_eq!(found.field, path, "{json}");
        assert!(found.legal.contains(place), "{json}: {error}");
    }
}

#[test]
fn a_fleet_that_cannot_be_read_says_where() {
    let error = MemoryBackend::builder().fleet_json("{\"Nodes\": [{}]}");
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let found = &error.violations()[0];
    assert_eq!(found.field, "Nodes[0].InstanceInformation");
    assert!(found.legal.contains("line 1"), "{error}");
}

/// A slip in a file is told with its path; what AWS's commands print may have more than is read here.
#[test]
fn files_have_no_members_that_nothing_reads() {
    let table = [
        (
            r#"{"Node": []}"#,
            "Node: no such member; the nearest is `Nodes`",
        ),
        (
            r#"{"Patches": [{"Id": "1", "Suprsedes": ["KB1"]}]}"#,
            "Patches[0].Suprsedes: no such member; the nearest is `Supersedes`",
        ),
        (
            r#"{"Nodes": [{"InstanceInformation": {"InstanceId": "i-0123456789abcdef0"},
                "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022",
                "Installed": [{"KBNumber": "KB1"}]}]}"#,
            "Nodes[0].Installed[0].KBNumber: no such member; the nearest is `KbNumber`",
        ),
    ];
    for (json, text) in table {
        let error = MemoryBackend::builder().fleet_json(json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let found: Vec<String> = error.violations().iter().map(ToString::to_string).collect();
        assert_eq!(found, [text]);
    }
    let error =
        MemoryBackend::builder().catalog_json(r#"[{"Id": "1"}, {"Id": "2", "Titel": "x"}]"#);
    let error = error.unwrap_err();
    assert_eq!(error.violations()[0].field, "[1].Titel");
    let printed = r#"{"Nodes": [{"InstanceInformation": {"InstanceId": "i-0123456789abcdef0", "New": 1},
        "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022"}],
        "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16",
            "AvailabilityZone": "us-east-1a", "MapPublicIpOnLaunch": false}]}"#;
    let read = MemoryBackend::builder().fleet_json(printed);
    assert!(read.is_ok(), "{:?}", read.err());
}

#[tokio::test]
async fn the_catalog_comes_from_the_builder_else_the_fleet_else_the_sample() {
    let mut fleet = FleetFile::default();
    let mut patch = Patch::default();
    patch.id = Some("of-the-fleet".to_owned());
    fleet.patches = vec![patch];
    let from_fleet = MemoryBackend::builder().fleet(fleet.clone()).build();
    assert_eq!(ids(&from_fleet, &[]).await.unwrap(), ["of-the-fleet"]);
    let given = MemoryBackend::builder()
        .fleet(fleet)
        .catalog(vec![])
        .build();
    assert_eq!(ids(&given, &[]).await.unwrap(), [""; 0]);
    for product in ["WindowsServer2022", "AmazonLinux2023", "Ubuntu22.04"] {
        for sample in [MemoryBackend::new(), MemoryBackend::sample()] {
            let found = ids(&sample, &[("PRODUCT", product)]).await;
            assert!(!found.unwrap().is_empty(), "{product}");
        }
    }
}

async fn values(request: DescribePatchProperties) -> Result<Vec<(String, String)>, Error> {
    let page = at("2026-02-01").describe_patch_properties(request).await?;
    Ok(page.items.into_iter().flatten().collect())
}

// The service's own text in hashicorp/terraform-provider-aws#18359.
#[tokio::test]
async fn the_products_of_amazon_linux_1_are_the_thirteen_that_the_service_names() {
    let request =
        DescribePatchProperties::new(OperatingSystem::AmazonLinux, PatchProperty::Product);
    let found = values(request).await.unwrap();
    let years = (2012..=2017).flat_map(|year| [(year, "03"), (year, "09")]);
    let products = years
        .chain([(2018, "03")])
        .map(|(year, month)| ("Name".to_owned(), format!("AmazonLinux{year}.{month}")));
    let mut expected: Vec<_> = products.collect();
    assert_eq!(expected.len(), 13);
    expected.retain(|product| !found.contains(product));
    assert_eq!(expected, []);
}

#[tokio::test]
async fn properties_are_those_documented_and_those_in_the_catalog() {
    use OperatingSystem as Os;
    use PatchProperty as P;
    for (os, property, name, value) in [
        (Os::Windows, P::Product, "Name", "WindowsServer2019"),
        (Os::Windows, P::ProductFamily, "ProductFamily", "Windows"),
        (
            Os::Windows,
            P::Classification,
            "Classification",
            "UpdateRollups",
        ),
        (Os::Windows, P::MsrcSeverity, "MsrcSeverity", "Critical"),
        (Os::AmazonLinux2023, P::Product, "Name", "AmazonLinux2023"),
        (
            Os::AmazonLinux2023,
            P::Classification,
            "Classification",
            "Security",
        ),
        (Os::AmazonLinux2023, P::Severity, "Severity", "Important"),
        (Os::Suse, P::Classification, "Classification", "Optional"),
        (Os::Suse, P::Severity, "Severity", "Moderate"),
        (Os::Ubuntu, P::Product, "Name", "Ubuntu24.04"),
        (Os::Ubuntu, P::Priority, "Priority", "Standard"),
    ] {
        let found = values(DescribePatchProperties::new(os.clone(), property))
            .await
            .unwrap();
        let expected = (name.to_owned(), value.to_owned());
        assert!(found.contains(&expected), "{os}: {expected:?} in {found:?}");
        assert!(found.is_sorted() && found.iter().all(|(key, _)| key == name));
    }
}

#[tokio::test]
async fn products_belong_to_their_operating_system_and_patch_set() {
    use OperatingSystem as Os;
    let products = async |os: Os, set| {
        let mut request = DescribePatchProperties::new(os, PatchProperty::Product);
        request.patch_set = set;
        let found = values(request).await.unwrap();
        found
            .into_iter()
            .map(|(_, value)| value)
            .collect::<Vec<_>>()
    };
    let office = "Office 2016".to_owned();
    for (os, set, has, lacks) in [
        (Os::Windows, None, "WindowsServer2022", &office),
        (
            Os::Windows,
            Some(PatchSet::Os),
            "WindowsServer2022",
            &office,
        ),
        (
            Os::AmazonLinux2,
            None,
            "AmazonLinux2",
            &"AmazonLinux2023".to_owned(),
        ),
        (
            Os::AmazonLinux,
            None,
            "AmazonLinux2018.03",
            &"AmazonLinux2023".to_owned(),
        ),
        (
            Os::AmazonLinux2023,
            None,
            "AmazonLinux2023",
            &"AmazonLinux2".to_owned(),
        ),
    ] {
        let found = products(os.clone(), set).await;
        assert!(found.contains(&has.to_owned()), "{os}: {found:?}");
        assert!(!found.contains(lacks), "{os}: {found:?}");
    }
    let applications = products(Os::Windows, Some(PatchSet::Application)).await;
    assert_eq!(applications, [office]);
    assert_eq!(products(Os::Macos, None).await, [""; 0]);
}

#[tokio::test]
async fn a_property_that_the_operating_system_lacks_is_refused() {
    use OperatingSystem as Os;
    use PatchProperty as P;
    for (os, property) in [
        (Os::Ubuntu, P::MsrcSeverity),
        (Os::Ubuntu, P::Severity),
        (Os::Windows, P::Severity),
        (Os::Windows, P::Priority),
        (Os::AmazonLinux2, P::ProductFamily),
        (Os::Other("BEOS".to_owned()), P::Product),
        (Os::Windows, P::Other("COLOUR".to_owned())),
    ] {
        let request = DescribePatchProperties::new(os.clone(), property.clone());
        let error = values(request).await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationException"), "{os} {property}");
    }
}

#[tokio::test]
async fn pages_of_properties_hold_1_to_50() {
    for (size, legal) in [(0, false), (1, true), (50, true), (51, false)] {
        let page = PageRequest::first().with_max_results(size);
        let request =
            DescribePatchProperties::new(OperatingSystem::Ubuntu, PatchProperty::Priority)
                .with_page(page);
        assert_eq!(values(request).await.is_ok(), legal, "{size}");
    }
}

async fn security_after(backend: &MemoryBackend, os: OperatingSystem, days: u32) -> BaselineId {
    let classification = match os {
        OperatingSystem::Windows => "SecurityUpdates",
        _ => "Security",
    };
    let filters = vec![PatchFilter::new(
        PatchFilterKey::Classification,
        [classification],
    )];
    let rule = ApprovalRule::new(PatchFilterGroup::new(filters), Approval::AfterDays(days));
    let mut spec = BaselineSpec::new("security", os);
    spec.approval_rules = ApprovalRules::new(vec![rule]);
    spec.approved_patches = vec!["KB3".to_owned()];
    spec.rejected_patches = vec!["KB4".to_owned()];
    let request = CreatePatchBaseline::new(spec);
    backend.create_patch_baseline(request).await.unwrap()
}

#[tokio::test]
async fn effective_patches_say_how_each_stands_with_the_baseline() {
    let backend = at("2026-02-01");
    let id = security_after(&backend, OperatingSystem::Windows, 60).await;
    let listed = async || {
        let page = backend
            .describe_effective_patches_for_patch_baseline(
                DescribeEffectivePatchesForPatchBaseline::new(&id, PageRequest::first()),
            )
            .await
            .unwrap();
        let row = |row: EffectivePatch| {
            let status = row.patch_status.unwrap();
            let kb = row.patch.unwrap().kb_number.unwrap();
            (kb, status.deployment_status.unwrap(), status.approval_date)
        };
        page.items.into_iter().map(row).collect::<Vec<_>>()
    };
    let row = |kb: &str, status, date: Option<&str>| {
        let date = date.map(|date| date.parse::<Timestamp>().unwrap());
        (kb.to_owned(), status, date)
    };
    use PatchDeploymentStatus::{Approved, ExplicitApproved, ExplicitRejected, PendingApproval};
    let approval = Some("2026-03-02T00:00:00Z");
    assert_eq!(
        listed().await,
        [
            row("KB1", PendingApproval, approval),
            row("KB3", ExplicitApproved, None),
            row("KB4", ExplicitRejected, None),
        ]
    );
    // API reference, PatchRule: approved after the date, not at it.
    let approval = Some("2026-04-11T00:00:00Z");
    for (instant, status) in [
        ("2026-04-11T00:00:00Z", PendingApproval),
        ("2026-04-11T00:00:01Z", Approved),
    ] {
        backend.advance_to(instant.parse().unwrap());
        assert_eq!(listed().await[0], row("KB2", status, approval));
    }
}

#[tokio::test]
async fn pages_of_effective_patches_hold_1_to_100() {
    let backend = at("2026-02-01");
    let id = security_after(&backend, OperatingSystem::Windows, 0).await;
    for (size, legal) in [(0, false), (1, true), (100, true), (101, false)] {
        let page = PageRequest::first().with_max_results(size);
        let answer = backend
            .describe_effective_patches_for_patch_baseline(
                DescribeEffectivePatchesForPatchBaseline::new(&id, page),
            )
            .await;
        assert_eq!(answer.is_ok(), legal, "{size}");
    }
}

#[tokio::test]
async fn effective_patches_are_for_windows_baselines_only() {
    let backend = at("2026-02-01");
    let linux = security_after(&backend, OperatingSystem::AmazonLinux2023, 0).await;
    for (id, kind, code) in [
        (linux, ErrorKind::Unsupported, "UnsupportedOperatingSystem"),
        (
            "pb-0123456789abcdef0".into(),
            ErrorKind::NotFound,
            "DoesNotExistException",
        ),
        ("pb-1".into(), ErrorKind::InvalidInput, "InvalidResourceId"),
    ] {
        let error = backend
            .describe_effective_patches_for_patch_baseline(
                DescribeEffectivePatchesForPatchBaseline::new(&id, PageRequest::first()),
            )
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, Some(code)));
    }
}

// AWS-DefaultPatchBaseline has no PATCH_SET and is about Windows itself (User Guide, predefined baselines). The
// date is that of the User Guide's example: released 1384279200, 5 days, approved 1384711200.
#[tokio::test]
async fn effective_patches_of_a_rule_without_patch_set_are_those_of_windows() {
    let update = |kb: &str, family: &str, product: &str| {
        serde_json::json!({
            "KbNumber": kb, "ProductFamily": family, "Product": product,
            "Classification": "SecurityUpdates", "MsrcSeverity": "Critical", "ReleaseDate": 1384279200
        })
    };
    let patches = serde_json::json!([
        update("KB1", "Windows", "WindowsServer2012"),
        update("KB2", "Office", "Office 2013"),
        update("KB3", "SQL Server", "SQL Server 2012"),
    ]);
    let backend = MemoryBackend::builder()
        .catalog_json(&patches.to_string())
        .unwrap()
        .build();
    let manager = PatchManager::from_memory(&backend);
    let applications = RuleBuilder::new()
        .patch_set("APPLICATION")
        .approve_after_days(5);
    for (builder, expected) in [
        (
            BaselineBuilder::windows_critical_and_security("preset", 5),
            ["KB1"].as_slice(),
        ),
        (
            BaselineBuilder::security("preset", OperatingSystem::Windows, 5),
            &["KB1"],
        ),
        (
            BaselineBuilder::new("applications", OperatingSystem::Windows).rule(applications),
            &["KB2", "KB3"],
        ),
    ] {
        let spec = builder.build().unwrap();
        let id = manager.create_baseline(&spec).await.unwrap();
        let effective = manager.effective_patches(&id);
        let effective: Vec<_> = effective.try_collect().await.unwrap();
        let mut found = Vec::new();
        for row in effective {
            let date = row.patch_status.unwrap().approval_date;
            assert_eq!(date.unwrap().as_second(), 1_384_711_200);
            found.push(row.patch.unwrap().kb_number.unwrap());
        }
        assert_eq!(found, expected, "{}", spec.name);
    }
}
