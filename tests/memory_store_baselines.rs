//! The in-memory BaselineStore keeps the service's rules: its bounds, quotas, tokens and defaults.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, DeletePatchBaseline, DeregisterPatchBaselineForPatchGroup,
    DescribePatchBaselines, GetDefaultPatchBaseline, GetPatchBaseline, PatchGroupRegistry,
    RegisterDefaultPatchBaseline, RegisterPatchBaselineForPatchGroup, UpdatePatchBaseline,
};
use aws_patch_manager::baseline::{
    Approval, ApprovalRule, ApprovalRules, BaselineChanges, BaselineSpec, PatchAction,
    PatchBaseline, PatchFilter, PatchFilterGroup, PatchFilterKey, PatchSource, approval::evaluate,
};
use aws_patch_manager::memory::Limits;
use aws_patch_manager::types::{
    BaselineId, ComplianceStatus, OperatingSystem, PatchComplianceLevel, Tag,
};
use aws_patch_manager::{
    Error, ErrorKind, MemoryBackend, Page, PageRequest, PageToken, PatchGroup, paginate,
};
use futures_util::TryStreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::time::Duration;
use support::values::{self, patch};

fn spec(name: &str) -> BaselineSpec {
    BaselineSpec::new(name, OperatingSystem::AmazonLinux2023)
}

async fn create(backend: &MemoryBackend, spec: BaselineSpec) -> Result<BaselineId, Error> {
    let request = CreatePatchBaseline::new(spec);
    backend.create_patch_baseline(request).await
}

fn rule(values: &[&str], approval: Approval) -> ApprovalRule {
    let filter = PatchFilter::new(PatchFilterKey::Classification, values.to_vec());
    ApprovalRule::new(PatchFilterGroup::new(vec![filter]), approval)
}

fn listed(filters: &[(&str, &str)], page: PageRequest) -> DescribePatchBaselines {
    DescribePatchBaselines::new(values::filters(filters), page)
}

async fn names(backend: &MemoryBackend, filters: &[(&str, &str)]) -> Vec<String> {
    let request = listed(filters, PageRequest::first().with_max_results(100));
    let page = backend.describe_patch_baselines(request).await.unwrap();
    assert_eq!(page.next_token, None);
    page.items
        .into_iter()
        .map(|item| item.baseline_name.unwrap())
        .collect()
}

#[tokio::test]
async fn a_sparse_baseline_reads_back_with_the_services_defaults() {
    let backend = MemoryBackend::new();
    let mut sparse = spec("sparse");
    sparse.approval_rules = ApprovalRules::new(vec![rule(&["Security"], Approval::AfterDays(7))]);
    let id = create(&backend, sparse).await.unwrap();

    assert!(id.as_str().starts_with("pb-") && id.as_str().len() == 20);
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    assert_eq!(read.name, "sparse");
    assert_eq!(read.operating_system, OperatingSystem::AmazonLinux2023);
    assert_eq!(
        read.approved_patches_compliance_level,
        PatchComplianceLevel::Unspecified
    );
    assert!(!read.approved_patches_enable_non_security);
    assert_eq!(read.rejected_patches_action, PatchAction::AllowAsDependency);
    assert_eq!(read.patch_groups, Some(vec![]));
    assert_eq!(read.created_date, Some(backend.clock().now()));
    assert_eq!(read.modified_date, read.created_date);
    let rule = &read.approval_rules.patch_rules[0];
    assert_eq!(
        rule.compliance_level,
        Some(PatchComplianceLevel::Unspecified)
    );
    assert_eq!(rule.enable_non_security, Some(false));
}

#[tokio::test]
async fn a_baseline_without_an_operating_system_is_for_windows() {
    let backend = MemoryBackend::new();
    let mut unnamed = spec("unnamed");
    unnamed.operating_system = None;
    let id = create(&backend, unnamed).await.unwrap();
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    assert_eq!(read.operating_system, OperatingSystem::Windows);
}

#[tokio::test]
async fn names_need_not_be_unique() {
    let backend = MemoryBackend::new();
    let first = create(&backend, spec("twin")).await.unwrap();
    assert_ne!(create(&backend, spec("twin")).await.unwrap(), first);
}

type Change = Box<dyn Fn(&mut BaselineSpec)>;

fn change(change: impl Fn(&mut BaselineSpec) + 'static) -> Change {
    Box::new(change)
}

fn rules(of: Vec<ApprovalRule>) -> Change {
    change(move |spec| spec.approval_rules = ApprovalRules::new(of.clone()))
}

fn global(filters: Vec<PatchFilter>) -> Change {
    change(move |spec| spec.global_filters = PatchFilterGroup::new(filters.clone()))
}

fn filter(key: PatchFilterKey, count: usize, length: usize) -> PatchFilter {
    PatchFilter::new(key, vec!["v".repeat(length); count])
}

fn approved(count: usize, length: usize) -> Change {
    change(move |spec| spec.approved_patches = vec!["p".repeat(length); count])
}

fn source(name: &str, products: usize, configuration: usize) -> PatchSource {
    PatchSource::new(name, vec!["*"; products], "c".repeat(configuration))
}

fn sources(of: Vec<PatchSource>) -> Change {
    change(move |spec| spec.sources = of.clone())
}

fn named(name: impl Into<String>) -> Change {
    let name = name.into();
    change(move |spec| spec.name = name.clone())
}

fn described(length: usize) -> Change {
    change(move |spec| spec.description = Some("d".repeat(length)))
}

fn tagged(key: &str, count: usize) -> Change {
    let key = key.to_owned();
    change(move |spec| spec.tags = vec![Tag::new(key.clone(), "v"); count])
}

fn within_the_models_bounds() -> Vec<(&'static str, Change)> {
    use PatchFilterKey::Product;
    let days = |days| rules(vec![rule(&["Security"], Approval::AfterDays(days))]);
    vec![
        ("name of 3", named("abc")),
        ("name of 128", named("a".repeat(128))),
        ("name of every legal kind", named("Az-0_9.x")),
        ("description of 1", described(1)),
        ("description of 1024", described(1024)),
        ("no delay", days(0)),
        ("delay of 360", days(360)),
        (
            "10 rules",
            rules(vec![rule(&["Security"], Approval::AfterDays(1)); 10]),
        ),
        // The model says 4; rules of five are deployed (CloudFormation's schema of AWS::SSM::PatchBaseline).
        ("5 filters", global(vec![filter(Product, 1, 1); 5])),
        ("20 values of 64", global(vec![filter(Product, 20, 64)])),
        ("50 approved of 100", approved(50, 100)),
        ("20 sources", sources(vec![source("repo", 20, 1024); 20])),
        (
            "Windows option on Linux",
            change(|spec| {
                spec.available_security_updates_compliance_status =
                    Some(ComplianceStatus::NonCompliant);
            }),
        ),
        ("50 tags", tagged("key", 50)),
    ]
}

fn beyond_the_models_bounds() -> Vec<(&'static str, Change)> {
    use PatchFilterKey::Classification;
    let mut dateless = rule(&["Security"], Approval::AfterDays(1));
    dateless.approval = None;
    let mut levelled = rule(&["Security"], Approval::AfterDays(1));
    levelled.compliance_level = Some(PatchComplianceLevel::from("critical"));
    let day = Approval::AfterDays(1);
    vec![
        ("name", named("ab")),
        ("name", named("a".repeat(129))),
        ("name", named("with space")),
        ("description", described(0)),
        ("description", described(1025)),
        (
            "approveAfterDays",
            rules(vec![rule(&["x"], Approval::AfterDays(361))]),
        ),
        (
            "approveAfterDays and approveUntilDate",
            rules(vec![dateless]),
        ),
        ("complianceLevel", rules(vec![levelled])),
        ("patchRules", rules(vec![rule(&["x"], day); 11])),
        ("patchRules.1.patchFilterGroup", rules(vec![rule(&[], day)])),
        (
            "globalFilters",
            global(vec![filter(Classification, 1, 1); 6]),
        ),
        ("globalFilters", global(vec![filter(Classification, 21, 1)])),
        ("globalFilters", global(vec![filter(Classification, 1, 65)])),
        ("globalFilters", global(vec![filter("COLOUR".into(), 1, 1)])),
        ("approvedPatches", approved(51, 1)),
        ("approvedPatches", approved(1, 101)),
        ("approvedPatches", approved(1, 0)),
        (
            "rejectedPatches",
            change(|spec| spec.rejected_patches = vec!["p".to_owned(); 51]),
        ),
        (
            "rejectedPatchesAction",
            change(|spec| spec.rejected_patches_action = Some("DROP".into())),
        ),
        ("sources", sources(vec![source("repo", 1, 1); 21])),
        ("sources.1.name", sources(vec![source("ab", 1, 1)])),
        ("sources.1.products", sources(vec![source("repo", 0, 1)])),
        (
            "sources.1.configuration",
            sources(vec![source("repo", 1, 1025)]),
        ),
        (
            "operatingSystem",
            change(|spec| spec.operating_system = Some("BEOS".into())),
        ),
        ("tags", tagged("key", 51)),
        ("tags.1.key", tagged("aws:key", 1)),
        ("tags.1.key", tagged("", 1)),
    ]
}

#[tokio::test]
async fn everything_within_the_models_bounds_is_accepted() {
    for (what, change) in within_the_models_bounds() {
        let mut legal = spec("legal");
        change(&mut legal);
        let created = create(&MemoryBackend::new(), legal).await;
        assert!(created.is_ok(), "{what}: {created:?}");
    }
}

#[tokio::test]
async fn everything_beyond_the_models_bounds_is_refused_by_name() {
    for (field, change) in beyond_the_models_bounds() {
        let mut illegal = spec("illegal");
        change(&mut illegal);
        let backend = MemoryBackend::new();
        let error = create(&backend, illegal).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{field}");
        assert_eq!(error.code(), Some("ValidationException"), "{field}");
        assert!(error.message().contains(field), "{field}: {error}");
        assert!(names(&backend, &[("OWNER", "Self")]).await.is_empty());
    }
}

#[tokio::test]
async fn several_breaches_are_reported_together_and_no_repository_configuration_is_quoted() {
    let mut illegal = spec("x");
    illegal.description = Some(String::new());
    illegal.sources = vec![PatchSource::new("repo", ["*"], "password=".repeat(200))];
    let error = create(&MemoryBackend::new(), illegal).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("3 validation errors detected"), "{text}");
    assert!(!text.contains("password"), "{text}");
}

#[tokio::test]
async fn the_51st_baseline_is_over_the_quota_until_one_is_deleted() {
    let backend = MemoryBackend::new();
    let first = create(&backend, spec("first")).await.unwrap();
    for _ in 1..50 {
        create(&backend, spec("more")).await.unwrap();
    }
    let error = create(&backend, spec("over")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(error.code(), Some("ResourceLimitExceededException"));
    assert!(!error.is_retryable());
    backend
        .delete_patch_baseline(DeletePatchBaseline::new(&first))
        .await
        .unwrap();
    assert!(create(&backend, spec("fits")).await.is_ok());
}

#[tokio::test]
async fn a_client_token_makes_the_repeated_call_the_same_call() {
    let mut limits = Limits::default();
    limits.baselines = 1;
    let backend = MemoryBackend::builder().limits(limits).build();
    let request = |name| CreatePatchBaseline::new(spec(name)).with_client_token("t");
    let first = backend.create_patch_baseline(request("one")).await.unwrap();
    let again = backend.create_patch_baseline(request("one")).await;
    assert_eq!(again.unwrap(), first);
    assert_eq!(names(&backend, &[("OWNER", "Self")]).await, ["one"]);

    let error = backend.create_patch_baseline(request("two")).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IdempotentParameterMismatch);
    assert_eq!(error.code(), Some("IdempotentParameterMismatch"));
}

#[tokio::test]
async fn a_client_token_has_1_to_64_characters() {
    for (length, accepted) in [(0, false), (1, true), (64, true), (65, false)] {
        let backend = MemoryBackend::new();
        let request = CreatePatchBaseline::new(spec("one")).with_client_token("t".repeat(length));
        let created = backend.create_patch_baseline(request).await;
        assert_eq!(created.is_ok(), accepted, "{length}: {created:?}");
    }
}

#[tokio::test]
async fn an_update_leaves_alone_what_it_does_not_name() {
    let backend = MemoryBackend::new();
    let mut first = spec("first");
    first.description = Some("kept".to_owned());
    first.approved_patches = vec!["kernel*".to_owned()];
    first.rejected_patches = vec!["bash*".to_owned()];
    let id = create(&backend, first).await.unwrap();
    let created = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    backend.advance(Duration::from_hours(1));

    let mut changes = BaselineChanges::default();
    changes.name = Some("second".to_owned());
    changes.approved_patches = Some(vec![]);
    let request = UpdatePatchBaseline::new(id.clone(), changes);
    let updated = backend.update_patch_baseline(request).await.unwrap();

    assert_eq!(updated.patch_groups, None);
    assert_eq!(updated.name, "second");
    assert_eq!(updated.description.as_deref(), Some("kept"));
    assert!(updated.approved_patches.is_empty());
    assert_eq!(updated.rejected_patches, ["bash*"]);
    assert_eq!(updated.created_date, created.created_date);
    assert_eq!(updated.modified_date, Some(backend.clock().now()));
    let mut read = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    read.patch_groups = None;
    assert_eq!(read, updated);
}

#[tokio::test]
async fn a_replacing_update_needs_a_name_and_empties_the_rest() {
    let backend = MemoryBackend::new();
    let mut full = spec("full");
    full.description = Some("gone".to_owned());
    full.approved_patches = vec!["kernel*".to_owned()];
    full.approved_patches_compliance_level = Some(PatchComplianceLevel::High);
    full.rejected_patches_action = Some(PatchAction::Block);
    full.sources = vec![source("repo", 1, 9)];
    full.approval_rules = ApprovalRules::new(vec![rule(&["Security"], Approval::AfterDays(1))]);
    let id = create(&backend, full).await.unwrap();

    let nameless = UpdatePatchBaseline::replacing(id.clone(), BaselineChanges::default());
    let error = backend.update_patch_baseline(nameless).await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));

    let mut changes = BaselineChanges::default();
    changes.name = Some("bare".to_owned());
    let request = UpdatePatchBaseline::replacing(id.clone(), changes);
    backend.update_patch_baseline(request).await.unwrap();

    let bare = create(&MemoryBackend::new(), spec("bare")).await.unwrap();
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    assert_eq!(read.operating_system, OperatingSystem::AmazonLinux2023);
    let mut expected = PatchBaseline::from_spec(bare, &spec("bare"));
    expected.baseline_id = id;
    expected.patch_groups = Some(vec![]);
    expected.created_date = read.created_date;
    expected.modified_date = read.modified_date;
    assert_eq!(read, expected);
}

#[tokio::test]
async fn an_update_is_bound_as_a_creation_is() {
    let backend = MemoryBackend::new();
    let id = create(&backend, spec("first")).await.unwrap();
    let mut changes = BaselineChanges::default();
    changes.rejected_patches = Some(vec!["p".to_owned(); 51]);
    let request = UpdatePatchBaseline::new(id, changes);
    let error = backend.update_patch_baseline(request).await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
}

#[tokio::test]
async fn ids_that_are_unknown_or_malformed_get_the_operations_own_error() {
    let backend = MemoryBackend::new();
    let unknown = BaselineId::new("pb-0123456789abcdef0");
    let malformed = BaselineId::new("pb-1");
    let update = |id: &BaselineId| {
        let request = UpdatePatchBaseline::new(id.clone(), BaselineChanges::default());
        backend.update_patch_baseline(request)
    };
    let codes = [
        (
            backend
                .get_patch_baseline(GetPatchBaseline::new(&unknown))
                .await
                .err(),
            Some("DoesNotExistException"),
        ),
        (
            backend
                .get_patch_baseline(GetPatchBaseline::new(&malformed))
                .await
                .err(),
            Some("InvalidResourceId"),
        ),
        (update(&unknown).await.err(), Some("DoesNotExistException")),
        (update(&malformed).await.err(), Some("ValidationException")),
        (
            backend
                .delete_patch_baseline(DeletePatchBaseline::new(&unknown))
                .await
                .err(),
            None,
        ),
        (
            backend
                .delete_patch_baseline(DeletePatchBaseline::new(&malformed))
                .await
                .err(),
            Some("ValidationException"),
        ),
        (
            backend
                .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&unknown))
                .await
                .err(),
            Some("DoesNotExistException"),
        ),
        (
            backend
                .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&malformed))
                .await
                .err(),
            Some("InvalidResourceId"),
        ),
    ];
    for (number, (error, code)) in codes.iter().enumerate() {
        assert_eq!(
            error.as_ref().and_then(Error::code),
            *code,
            "{number}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_baseline_in_use_is_not_deleted() {
    let backend = MemoryBackend::new();
    let id = create(&backend, spec("used")).await.unwrap();
    let group = PatchGroup::new("web servers").unwrap();
    backend
        .register_patch_baseline_for_patch_group(RegisterPatchBaselineForPatchGroup::new(
            &id, &group,
        ))
        .await
        .unwrap();
    let error = backend
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InUse);
    assert_eq!(error.code(), Some("ResourceInUseException"));
    assert!(error.message().contains("web servers"), "{error}");

    backend
        .deregister_patch_baseline_for_patch_group(DeregisterPatchBaselineForPatchGroup::new(
            &id, &group,
        ))
        .await
        .unwrap();
    let aws = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(
            OperatingSystem::AmazonLinux2023,
        )))
        .await
        .unwrap();
    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&id))
        .await
        .unwrap();
    let error = backend
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceInUseException"));

    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&aws.baseline_id))
        .await
        .unwrap();
    backend
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await
        .unwrap();
    let gone = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn every_operating_system_has_one_default_that_aws_owns() {
    let backend = MemoryBackend::new();
    for os in OperatingSystem::KNOWN {
        let default = backend
            .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os.clone())))
            .await
            .unwrap();
        assert_eq!(default.operating_system.as_ref(), Some(os));
        assert!(default.baseline_id.is_aws_owned(), "{os}");
        let read = backend
            .get_patch_baseline(GetPatchBaseline::new(&default.baseline_id))
            .await;
        let read = read.unwrap();
        assert_eq!(read.operating_system, *os);
        assert!(!read.approval_rules.is_empty(), "{os}");

        let filters = [("OPERATING_SYSTEM", os.as_str())];
        let request = listed(&filters, PageRequest::first());
        let page = backend.describe_patch_baselines(request).await.unwrap();
        let defaults = page.items.iter().filter(|item| item.default_baseline);
        let defaults: Vec<_> = defaults
            .filter_map(|item| item.baseline_id.as_ref())
            .collect();
        assert_eq!(defaults, [&default.baseline_id], "{os}");
    }
}

#[tokio::test]
async fn predefined_baselines_bear_the_names_and_ids_of_the_service() {
    let backend = MemoryBackend::new();
    let owned = names(&backend, &[("OWNER", "AWS")]).await;
    assert_eq!(owned.len(), 17);
    let windows = names(&backend, &[("OPERATING_SYSTEM", "WINDOWS")]).await;
    assert_eq!(
        windows,
        [
            "AWS-WindowsPredefinedPatchBaseline-OS",
            "AWS-DefaultPatchBaseline",
            "AWS-WindowsPredefinedPatchBaseline-OS-Applications",
        ]
    );
    for (os, id, name) in [
        (
            "WINDOWS",
            "pb-09ca3fb51f0412ec3",
            "AWS-DefaultPatchBaseline",
        ),
        (
            "RASPBIAN",
            "pb-0ec16280999c5c75e",
            "AWS-RaspbianDefaultPatchBaseline",
        ),
        (
            "AMAZON_LINUX_2023",
            "pb-05c9c9bf778d4c4d0",
            "AWS-AmazonLinux2023DefaultPatchBaseline",
        ),
    ] {
        let default = backend
            .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some(os.into())))
            .await;
        let id = format!("arn:aws:ssm:us-east-1:075727635805:patchbaseline/{id}");
        let default = default.unwrap();
        assert_eq!(default.baseline_id.as_str(), id);
        let read = backend
            .get_patch_baseline(GetPatchBaseline::new(&default.baseline_id))
            .await;
        assert_eq!(read.unwrap().name, name);
    }
}

async fn predefined(backend: &MemoryBackend, name: &str) -> PatchBaseline {
    let request = listed(&[("NAME_PREFIX", name)], PageRequest::first());
    let page = backend.describe_patch_baselines(request).await.unwrap();
    let id = page.items[0].baseline_id.clone().unwrap();
    backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap()
}

#[tokio::test]
async fn the_predefined_baseline_of_ubuntu_is_the_recorded_one() {
    let ubuntu = predefined(&MemoryBackend::new(), "AWS-UbuntuDefaultPatchBaseline").await;
    let filters = serde_json::to_value(&ubuntu.global_filters).unwrap();
    let rules = serde_json::to_value(&ubuntu.approval_rules).unwrap();
    let any_product = json!([{"Key": "PRODUCT", "Values": ["*"]}]);
    assert_eq!(filters, json!({"PatchFilters": any_product}));
    let priorities = ["Required", "Important", "Standard", "Optional", "Extra"];
    assert_eq!(
        rules,
        json!({"PatchRules": [{
            "PatchFilterGroup": {"PatchFilters": [{"Key": "PRIORITY", "Values": priorities}]},
            "ComplianceLevel": "UNSPECIFIED",
            "ApproveAfterDays": 7,
            "EnableNonSecurity": false,
        }]})
    );
}

#[tokio::test]
async fn predefined_baselines_approve_what_is_recorded() {
    let backend = MemoryBackend::new();
    let windows = |class: &str, severity: &str, family: &str| {
        json!({"KbNumber": "KB1", "Product": "WindowsServer2022", "ProductFamily": family,
            "Classification": class, "MsrcSeverity": severity})
    };
    let linux = |class: &str, severity: &str| {
        json!({"Name": "bash", "Version": "5", "Release": "1", "Arch": "x86_64",
            "Product": "Any", "Classification": class, "Severity": severity})
    };
    let (os, apps) = (
        "AWS-WindowsPredefinedPatchBaseline-OS",
        "AWS-WindowsPredefinedPatchBaseline-OS-A",
    );
    for (name, patch_json, after) in [
        (
            "AWS-DefaultPatch",
            windows("SecurityUpdates", "Critical", "Windows"),
            Some(7),
        ),
        (
            "AWS-DefaultPatch",
            windows("CriticalUpdates", "Important", "Windows"),
            Some(7),
        ),
        (
            "AWS-DefaultPatch",
            windows("SecurityUpdates", "Moderate", "Windows"),
            None,
        ),
        (
            "AWS-DefaultPatch",
            windows("Updates", "Critical", "Windows"),
            None,
        ),
        (
            "AWS-DefaultPatch",
            windows("SecurityUpdates", "Critical", "Office"),
            None,
        ),
        (
            os,
            windows("SecurityUpdates", "Critical", "Windows"),
            Some(7),
        ),
        (os, windows("SecurityUpdates", "Critical", "Office"), None),
        (apps, windows("Updates", "Low", "Office"), Some(7)),
        (apps, windows("Updates", "Low", "Windows"), None),
        (
            "AWS-AmazonLinux2023",
            linux("Security", "Important"),
            Some(7),
        ),
        ("AWS-AmazonLinux2023", linux("Security", "Low"), None),
        ("AWS-AmazonLinux2023", linux("Bugfix", "Low"), Some(7)),
        ("AWS-AmazonLinux2023", linux("Enhancement", "Low"), None),
        ("AWS-Oracle", linux("Security", "Moderate"), Some(7)),
        ("AWS-Oracle", linux("Security", "Critical"), Some(7)),
        ("AWS-Oracle", linux("Enhancement", "Low"), Some(7)),
        ("AWS-Oracle", linux("Security", "Low"), None),
        ("AWS-Suse", linux("Security", "Critical"), Some(7)),
        ("AWS-Suse", linux("Recommended", "Critical"), None),
        ("AWS-CentOS", linux("", ""), Some(7)),
        ("AWS-MacOS", linux("brew_cask", ""), Some(7)),
        ("AWS-MacOS", linux("Recommended", ""), None),
    ] {
        let baseline = predefined(&backend, name).await;
        let mut patch = patch(patch_json);
        let release: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        patch.release_date = Some(release);
        let approved = |days: i64| {
            let just_after = SignedDuration::from_secs(1);
            let at = release + SignedDuration::from_hours(24 * days) + just_after;
            evaluate(&baseline, &patch, at).is_approved()
        };
        let first = (0..30).find(|days| approved(*days));
        assert_eq!(first, after, "{name}: {patch:?}");
    }
}

#[tokio::test]
async fn predefined_ids_of_another_region_are_well_formed_steady_and_its_own() {
    let of = async |region: &str| {
        let backend = MemoryBackend::builder().region(region).build();
        let page = backend
            .describe_patch_baselines(listed(&[], PageRequest::first()))
            .await
            .unwrap();
        let ids = page.items.into_iter().filter_map(|item| item.baseline_id);
        ids.collect::<std::collections::BTreeSet<_>>()
    };
    let frankfurt = of("eu-central-1").await;
    assert_eq!(frankfurt.len(), 17);
    assert_eq!(frankfurt, of("eu-central-1").await);
    assert!(frankfurt.is_disjoint(&of("eu-west-1").await));
    for id in frankfurt {
        assert!(id.is_well_formed(), "{id}");
        assert!(id.as_str().starts_with("arn:aws:ssm:eu-central-1:"), "{id}");
    }
}

#[tokio::test]
async fn what_aws_owns_is_neither_changed_nor_deleted() {
    let backend = MemoryBackend::new();
    let aws = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
    let request = UpdatePatchBaseline::new(aws.baseline_id.clone(), BaselineChanges::default());
    let updated = backend.update_patch_baseline(request).await;
    let deleted = backend
        .delete_patch_baseline(DeletePatchBaseline::new(&aws.baseline_id))
        .await;
    assert_eq!(updated.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(deleted.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(
        backend
            .get_patch_baseline(GetPatchBaseline::new(&aws.baseline_id))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn own_baselines_go_by_their_arn_too() {
    let backend = MemoryBackend::new();
    let id = create(&backend, spec("mine")).await.unwrap();
    let arn = format!("arn:aws:ssm:us-east-1:123456789012:patchbaseline/{id}");
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(arn))
        .await
        .unwrap();
    assert_eq!(read.baseline_id, id);
    let anothers = format!("arn:aws:ssm:us-east-1:999999999999:patchbaseline/{id}");
    let error = backend
        .get_patch_baseline(GetPatchBaseline::new(anothers))
        .await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_default_of_an_unnamed_operating_system_is_that_of_windows() {
    let backend = MemoryBackend::new();
    let unnamed = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
    assert_eq!(unnamed.operating_system, Some(OperatingSystem::Windows));
    let error = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(Some("BEOS".into())))
        .await;
    assert_eq!(error.unwrap_err().code(), Some("ValidationException"));
}

#[tokio::test]
async fn listings_filter_by_prefix_owner_and_operating_system() {
    let backend = MemoryBackend::new();
    create(&backend, spec("web-linux")).await.unwrap();
    let windows = BaselineSpec::new("web-windows", OperatingSystem::Windows);
    create(&backend, windows).await.unwrap();
    create(&backend, spec("data")).await.unwrap();
    let both = ["web-linux", "web-windows"];
    for (filters, expected) in [
        (&[("NAME_PREFIX", "web-")][..], &both[..]),
        (&[("NAME_PREFIX", "WEB-")], &[]),
        (
            &[("OWNER", "Self"), ("OPERATING_SYSTEM", "WINDOWS")],
            &["web-windows"],
        ),
        (&[("OWNER", "Self")], &["web-linux", "web-windows", "data"]),
    ] {
        assert_eq!(names(&backend, filters).await, expected, "{filters:?}");
    }
    assert_eq!(names(&backend, &[("OWNER", "All")]).await.len(), 20);
    assert_eq!(names(&backend, &[]).await.len(), 20);
}

#[tokio::test]
async fn listings_refuse_unknown_keys_and_a_sixth_filter() {
    let backend = MemoryBackend::new();
    let refuse = async |filters: &[(&str, &str)]| {
        let request = listed(filters, PageRequest::first());
        let refused = backend.describe_patch_baselines(request).await;
        refused.unwrap_err().code().map(str::to_owned)
    };
    let validation = Some("ValidationException".to_owned());
    assert_eq!(refuse(&[("NAME", "web")]).await, validation);
    assert_eq!(refuse(&[("OWNER", "All"); 6]).await, validation);
}

#[tokio::test]
async fn pages_hold_1_to_100_and_join_to_the_whole() {
    let backend = MemoryBackend::new();
    for (size, legal) in [(0, false), (1, true), (100, true), (101, false)] {
        let request = listed(&[], PageRequest::first().with_max_results(size));
        let page = backend.describe_patch_baselines(request).await;
        assert_eq!(page.is_ok(), legal, "{size}");
    }
    let joined: Vec<_> = paginate(|token| {
        let page = PageRequest::first()
            .with_max_results(5)
            .with_next_token(token);
        backend.describe_patch_baselines(listed(&[], page))
    })
    .try_collect()
    .await
    .unwrap();
    let whole = backend
        .describe_patch_baselines(listed(&[], PageRequest::first()))
        .await
        .unwrap();
    assert_eq!(Page::last(joined), whole);
    assert_eq!(whole.items.len(), 17);
}

#[tokio::test]
async fn a_page_token_serves_only_the_listing_that_gave_it() {
    let backend = MemoryBackend::new();
    let page = PageRequest::first().with_max_results(2);
    let first = backend
        .describe_patch_baselines(listed(&[("OWNER", "AWS")], page))
        .await
        .unwrap();
    let token = first.next_token.unwrap();
    for (filters, token, accepted) in [
        (&[("OWNER", "AWS")][..], token.clone(), true),
        (&[("OWNER", "All")], token, false),
        (&[("OWNER", "AWS")], PageToken::new("2"), false),
    ] {
        let page = PageRequest::first().with_next_token(token);
        let answer = backend
            .describe_patch_baselines(listed(filters, page))
            .await;
        let code = answer.as_ref().err().and_then(Error::code);
        assert_eq!(code, (!accepted).then_some("ValidationException"));
    }
}

#[tokio::test]
async fn the_page_size_cap_makes_many_pages_of_little() {
    let backend = MemoryBackend::builder().page_size_cap(3).build();
    let request = listed(&[], PageRequest::first().with_max_results(100));
    let page = backend.describe_patch_baselines(request).await.unwrap();
    assert_eq!(page.items.len(), 3);
    assert!(page.next_token.is_some());
}

#[tokio::test]
async fn the_same_seed_makes_the_same_ids() {
    let id = async |seed| {
        let backend = MemoryBackend::builder().seed(seed).build();
        create(&backend, spec("seeded")).await.unwrap()
    };
    assert_eq!(id(1).await, id(1).await);
    assert_ne!(id(1).await, id(2).await);
}
