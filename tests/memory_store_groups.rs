//! The in-memory PatchGroupRegistry: one baseline per group and operating system, 25 groups per baseline.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod support;

use aws_patch_manager::backend::{
    BaselineStore, CreatePatchBaseline, DeregisterPatchBaselineForPatchGroup, DescribePatchGroups,
    GetDefaultPatchBaseline, GetPatchBaseline, GetPatchBaselineForPatchGroup, PatchGroupRegistry,
    RegisterDefaultPatchBaseline, RegisterPatchBaselineForPatchGroup,
};
use aws_patch_manager::baseline::BaselineSpec;
use aws_patch_manager::types::{BaselineId, OperatingSystem};
use aws_patch_manager::{Error, ErrorKind, MemoryBackend, PageRequest, PatchGroup};
use support::values;

async fn baseline(backend: &MemoryBackend, os: OperatingSystem) -> BaselineId {
    let request = CreatePatchBaseline::new(BaselineSpec::new("baseline", os));
    backend.create_patch_baseline(request).await.unwrap()
}

async fn register(backend: &MemoryBackend, id: &BaselineId, group: &str) -> Result<(), Error> {
    let group = PatchGroup::from_service(group);
    let registered = backend
        .register_patch_baseline_for_patch_group(RegisterPatchBaselineForPatchGroup::new(
            id, &group,
        ))
        .await?;
    assert_eq!(
        (&registered.baseline_id, &registered.patch_group),
        (id, &group)
    );
    Ok(())
}

async fn resolved(backend: &MemoryBackend, group: &str, os: OperatingSystem) -> BaselineId {
    let group = PatchGroup::new(group).unwrap();
    let found = backend
        .get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(
            &group,
            Some(os.clone()),
        ))
        .await
        .unwrap();
    assert_eq!(found.operating_system, Some(os));
    found.baseline_id
}

#[tokio::test]
async fn a_group_has_one_baseline_per_operating_system() {
    let backend = MemoryBackend::new();
    let windows = baseline(&backend, OperatingSystem::Windows).await;
    let rival = baseline(&backend, OperatingSystem::Windows).await;
    let linux = baseline(&backend, OperatingSystem::AmazonLinux2023).await;
    register(&backend, &windows, "web").await.unwrap();
    register(&backend, &linux, "web").await.unwrap();

    let error = register(&backend, &rival, "web").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(error.code(), Some("AlreadyExistsException"));
    assert_eq!(
        error.message(),
        "Patch Group baseline already has a baseline registered for OperatingSystem WINDOWS."
    );
    assert_eq!(
        resolved(&backend, "web", OperatingSystem::Windows).await,
        windows
    );
    assert_eq!(
        resolved(&backend, "web", OperatingSystem::AmazonLinux2023).await,
        linux
    );
}

#[tokio::test]
async fn the_same_pair_registers_twice_without_effect() {
    let backend = MemoryBackend::new();
    let id = baseline(&backend, OperatingSystem::Windows).await;
    register(&backend, &id, "web").await.unwrap();
    register(&backend, &id, "web").await.unwrap();
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(&id))
        .await
        .unwrap();
    assert_eq!(read.patch_groups, Some(vec!["web".to_owned()]));
}

#[tokio::test]
async fn a_baseline_takes_25_groups() {
    let backend = MemoryBackend::new();
    let id = baseline(&backend, OperatingSystem::Windows).await;
    for number in 0..25 {
        register(&backend, &id, &format!("group-{number}"))
            .await
            .unwrap();
    }
    let error = register(&backend, &id, "group-25").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    assert_eq!(error.code(), Some("ResourceLimitExceededException"));
    register(&backend, &id, "group-7").await.unwrap();
}

#[tokio::test]
async fn group_names_are_bound_by_the_model() {
    let backend = MemoryBackend::new();
    let id = baseline(&backend, OperatingSystem::Windows).await;
    let longest = "g".repeat(256);
    let too_long = "g".repeat(257);
    for (name, legal) in [
        ("wéb servers/1", true),
        (&longest, true),
        ("", false),
        (&too_long, false),
        ("web*", false),
    ] {
        let registered = register(&backend, &id, name).await;
        let code = registered.as_ref().err().and_then(Error::code);
        assert_eq!(code, (!legal).then_some("ValidationException"), "{name}");
    }
}

#[tokio::test]
async fn ids_that_are_unknown_or_malformed_are_refused_where_the_model_says_so() {
    let backend = MemoryBackend::new();
    let unknown = BaselineId::new("pb-0123456789abcdef0");
    let malformed = BaselineId::new("pb-1");
    let group = PatchGroup::new("web").unwrap();
    let error = register(&backend, &unknown, "web").await.unwrap_err();
    assert_eq!(error.code(), Some("DoesNotExistException"));
    let error = register(&backend, &malformed, "web").await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidResourceId"));
    let gone = backend
        .deregister_patch_baseline_for_patch_group(DeregisterPatchBaselineForPatchGroup::new(
            &unknown, &group,
        ))
        .await;
    assert_eq!(gone.unwrap().baseline_id, unknown);
    let refused = backend
        .deregister_patch_baseline_for_patch_group(DeregisterPatchBaselineForPatchGroup::new(
            &malformed, &group,
        ))
        .await;
    assert_eq!(refused.unwrap_err().code(), Some("InvalidResourceId"));
}

#[tokio::test]
async fn a_group_falls_back_to_the_accounts_default_and_then_to_awss() {
    let backend = MemoryBackend::new();
    let os = OperatingSystem::Ubuntu;
    let aws = resolved(&backend, "nobody", os.clone()).await;
    assert!(aws.is_aws_owned());
    let default = baseline(&backend, os.clone()).await;
    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&default))
        .await
        .unwrap();
    assert_eq!(resolved(&backend, "web", os.clone()).await, default);

    let own = baseline(&backend, os.clone()).await;
    register(&backend, &own, "web").await.unwrap();
    assert_eq!(resolved(&backend, "web", os.clone()).await, own);
    let web = PatchGroup::new("web").unwrap();
    backend
        .deregister_patch_baseline_for_patch_group(DeregisterPatchBaselineForPatchGroup::new(
            &own, &web,
        ))
        .await
        .unwrap();
    assert_eq!(resolved(&backend, "web", os.clone()).await, default);

    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&aws))
        .await
        .unwrap();
    assert_eq!(resolved(&backend, "web", os).await, aws);
}

#[tokio::test]
async fn a_group_is_asked_for_windows_where_no_operating_system_is_named() {
    let backend = MemoryBackend::new();
    let group = PatchGroup::new("web").unwrap();
    let found = backend
        .get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(&group, None))
        .await
        .unwrap();
    assert_eq!(found.operating_system, Some(OperatingSystem::Windows));
}

#[tokio::test]
async fn a_baseline_that_aws_owns_can_be_registered() {
    let backend = MemoryBackend::new();
    let aws = backend
        .get_default_patch_baseline(GetDefaultPatchBaseline::new(None))
        .await
        .unwrap();
    register(&backend, &aws.baseline_id, "web").await.unwrap();
    let read = backend
        .get_patch_baseline(GetPatchBaseline::new(&aws.baseline_id))
        .await
        .unwrap();
    assert_eq!(read.patch_groups, Some(vec!["web".to_owned()]));
}

#[tokio::test]
async fn groups_list_one_row_per_operating_system_by_prefix_and_page() {
    let backend = MemoryBackend::new();
    let windows = baseline(&backend, OperatingSystem::Windows).await;
    let linux = baseline(&backend, OperatingSystem::AmazonLinux2023).await;
    backend
        .register_default_patch_baseline(RegisterDefaultPatchBaseline::new(&linux))
        .await
        .unwrap();
    register(&backend, &windows, "web-a").await.unwrap();
    register(&backend, &linux, "web-a").await.unwrap();
    register(&backend, &linux, "db").await.unwrap();

    let rows = async |filters: &[(&str, &str)]| {
        let request = DescribePatchGroups::new(values::filters(filters), PageRequest::first());
        let page = backend.describe_patch_groups(request).await?;
        let rows = page.items.into_iter().map(|row| {
            let of = row.baseline_identity;
            (
                row.patch_group.to_string(),
                of.baseline_id.unwrap(),
                of.default_baseline,
            )
        });
        Ok::<_, Error>(rows.collect::<Vec<_>>())
    };
    let row = |group: &str, id: &BaselineId, default| (group.to_owned(), id.clone(), default);
    let all = [
        row("db", &linux, true),
        row("web-a", &windows, false),
        row("web-a", &linux, true),
    ];
    assert_eq!(rows(&[]).await.unwrap(), all);
    assert_eq!(rows(&[("NAME_PREFIX", "web")]).await.unwrap(), all[1..]);
    let windows_only = [("OPERATING_SYSTEM", "WINDOWS")];
    assert_eq!(rows(&windows_only).await.unwrap(), all[1..2]);
    let error = rows(&[("OWNER", "Self")]).await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));

    let page = PageRequest::first().with_max_results(2);
    let request = DescribePatchGroups::new(vec![], page.clone());
    let first = backend.describe_patch_groups(request).await.unwrap();
    assert_eq!(first.items.len(), 2);
    let request = DescribePatchGroups::new(vec![], page.with_next_token(first.next_token));
    let second = backend.describe_patch_groups(request).await.unwrap();
    assert_eq!((second.items.len(), second.next_token), (1, None));
}
