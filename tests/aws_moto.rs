//! The adapters against moto, an independent imitation of AWS: it reads our requests, and we read
//! its answers.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use aws_patch_manager::aws::aws_sdk_ec2::{self, types as ec2};
use aws_patch_manager::backend::{
    BaselineStore, CommandRunner, CreatePatchBaseline, DeletePatchBaseline,
    DeregisterPatchBaselineForPatchGroup, DescribePatchBaselines, DescribePatchGroups,
    DescribeRouteTables, DescribeSubnets, DescribeVpcEndpoints, GetCommandInvocation,
    GetPatchBaselineForPatchGroup, ListCommands, NetworkInventory, NodeInventoryExt,
    PatchGroupRegistry, RegisterPatchBaselineForPatchGroup,
};
use aws_patch_manager::operation::{CommandStatus, InvocationStatus, SendCommand};
use aws_patch_manager::types::{
    BaselineId, CommandId, NodeId, OperatingSystem, PatchOperation, QueryFilter, Tag,
};
use aws_patch_manager::{BaselineBuilder, ErrorKind, PageRequest, PatchGroup};
use support::moto::Moto;

/// An instance whose metadata shows its tags; this crate does not set that.
async fn run_instance(moto: &Moto) -> ec2::Instance {
    let output = aws_sdk_ec2::Client::new(&moto.config)
        .run_instances()
        .image_id("ami-12c6146b")
        .min_count(1)
        .max_count(1)
        .metadata_options(
            ec2::InstanceMetadataOptionsRequest::builder()
                .instance_metadata_tags(ec2::InstanceMetadataTagsState::Enabled)
                .build(),
        )
        .send()
        .await
        .unwrap();
    output.instances.unwrap().remove(0)
}

#[tokio::test]
async fn a_baseline_is_made_listed_and_deleted() {
    let Some(moto) = Moto::start() else { return };
    // Without tags: moto creates the baseline and then does not find the resource to tag.
    let spec = BaselineBuilder::windows_critical_and_security("servers", 7)
        .reject_patches(["KB5090048"])
        .build()
        .unwrap();
    let id = moto
        .backend
        .create_patch_baseline(CreatePatchBaseline::new(spec.clone()).with_client_token("once"))
        .await
        .unwrap();
    assert!(id.is_well_formed(), "{id}");

    // moto does not page, ignores OWNER and OPERATING_SYSTEM, and compares NAME_PREFIX with the
    // whole name; so the test uses a whole name. It lists none of AWS's own baselines.
    let named = |name: &str| {
        let filter = QueryFilter::new("NAME_PREFIX", [name]);
        moto.backend
            .describe_patch_baselines(DescribePatchBaselines::new(
                vec![filter],
                PageRequest::first().with_max_results(1),
            ))
    };
    let found = named("servers").await.unwrap();
    assert_eq!(found.next_token, None);
    let [identity] = &found.items[..] else {
        panic!("{found:?}")
    };
    assert_eq!(identity.baseline_id.as_ref(), Some(&id));
    assert_eq!(identity.baseline_name.as_deref(), Some("servers"));
    assert_eq!(identity.operating_system, Some(OperatingSystem::Windows));
    assert_eq!(identity.baseline_description, spec.description);
    assert!(!identity.default_baseline);
    assert_eq!(named("others").await.unwrap().items, []);

    // moto answers 500 if an unknown baseline is deleted, so it is deleted once.
    moto.backend
        .delete_patch_baseline(DeletePatchBaseline::new(&id))
        .await
        .unwrap();
    assert_eq!(named("servers").await.unwrap().items, []);
}

#[tokio::test]
async fn a_group_has_the_baseline_that_is_registered_for_it() {
    let Some(moto) = Moto::start() else { return };
    let group = PatchGroup::new("Web Servers").unwrap();
    let create = async |name: &str| {
        let spec = BaselineBuilder::windows_critical_and_security(name, 7);
        let request = CreatePatchBaseline::new(spec.build().unwrap());
        moto.backend.create_patch_baseline(request).await.unwrap()
    };
    let register = async |id: &BaselineId| {
        let call = moto.backend.register_patch_baseline_for_patch_group(
            RegisterPatchBaselineForPatchGroup::new(id, &group),
        );
        call.await
    };
    // moto answers 500 if no operating system is named; at AWS that means Windows.
    let windows = Some(OperatingSystem::Windows);
    let lookup = async || {
        let backend = &moto.backend;
        let call = backend.get_patch_baseline_for_patch_group(GetPatchBaselineForPatchGroup::new(
            &group,
            windows.clone(),
        ));
        call.await.unwrap()
    };

    assert!(lookup().await.baseline_id.is_aws_owned());

    let id = create("servers").await;
    let bound = register(&id).await.unwrap();
    assert_eq!((&bound.baseline_id, &bound.patch_group), (&id, &group));
    let found = lookup().await;
    assert_eq!(found.baseline_id, id);
    assert_eq!(found.patch_group, group);
    assert_eq!(found.operating_system, windows);

    // A second baseline for another operating system is left out: moto refuses it, AWS does not.
    let second = create("more-servers").await;
    let refused = register(&second).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    assert_eq!(refused.code(), Some("AlreadyExistsException"));

    // moto calls a missing baseline a maintenance window; the code is right.
    let missing = register(&"pb-0123456789abcdef0".into()).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    // moto keeps a registration after its removal, so the test does not check what follows.
    let call = moto.backend.deregister_patch_baseline_for_patch_group(
        DeregisterPatchBaselineForPatchGroup::new(&id, &group),
    );
    let freed = call.await.unwrap();
    assert_eq!((&freed.baseline_id, &freed.patch_group), (&id, &group));
}

#[tokio::test]
async fn a_command_is_sent_listed_and_followed() {
    let Some(moto) = Moto::start() else { return };
    let node = NodeId::from(run_instance(&moto).await.instance_id.unwrap());
    let mut request = SendCommand::run_patch_baseline(PatchOperation::Scan);
    request.instance_ids = vec![node.clone()];
    request.comment = Some("nightly".to_owned());
    request.timeout_seconds = Some(600);
    request.max_concurrency = Some("10%".parse().unwrap());
    request.max_errors = Some("2".parse().unwrap());
    let sent = moto.backend.send_command(request.clone()).await.unwrap();
    assert_eq!(sent.document_name, request.document_name);
    assert_eq!(sent.instance_ids, request.instance_ids);
    assert_eq!(sent.parameters, request.parameters);
    assert_eq!(sent.max_concurrency, request.max_concurrency);
    assert_eq!(sent.max_errors, request.max_errors);
    assert_eq!(sent.timeout_seconds, request.timeout_seconds);
    assert!(sent.comment.starts_with("nightly"), "{}", sent.comment);
    assert!(sent.requested_date_time < sent.expires_after);
    // moto runs nothing and ends at once. Its counts of nodes are wrong.
    assert_eq!(sent.status, CommandStatus::Success);

    let list = |request| moto.backend.list_commands(request);
    let of_this = list(ListCommands::of(sent.command_id.clone()))
        .await
        .unwrap();
    assert_eq!(of_this.items, std::slice::from_ref(&sent));
    let all = list(ListCommands::all(PageRequest::first())).await.unwrap();
    assert_eq!(all.items, of_this.items);

    let detail = |request| moto.backend.get_command_invocation(request);
    let followed = detail(GetCommandInvocation::new(&sent.command_id, &node))
        .await
        .unwrap();
    assert_eq!(followed.command_id, sent.command_id);
    assert_eq!(followed.instance_id, node);
    assert_eq!(followed.document_name, sent.document_name);
    assert_eq!(followed.status, InvocationStatus::Success);

    let unknown = CommandId::new("11111111-2222-4333-8444-555555555555");
    let error = detail(GetCommandInvocation::new(&unknown, &node))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), Some("InvalidCommandId"));
}

#[tokio::test]
async fn the_tags_and_metadata_of_an_instance_are_read_and_written() {
    let Some(moto) = Moto::start() else { return };
    let backend = &moto.backend;
    let started = run_instance(&moto).await;
    let node = NodeId::from(started.instance_id.unwrap());
    let group = Tag::new("PatchGroup", "Web Servers & more");
    let owner = Tag::new("Owner", "");
    backend
        .add_tags(&node, &[group.clone(), owner.clone()])
        .await
        .unwrap();
    let mut tags = backend.list_tags(&node).await.unwrap();
    tags.sort();
    assert_eq!(tags, [owner.clone(), group.clone()]);

    let instances = backend.named_instances(std::slice::from_ref(&node)).await;
    let [instance] = &instances.unwrap()[..] else {
        panic!("not one instance")
    };
    assert_eq!(instance.instance_id, node);
    assert_eq!(instance.state.name, "running");
    assert!(instance.shows_tags_in_metadata());
    assert_eq!(instance.subnet_id, started.subnet_id);
    assert_eq!(instance.vpc_id, started.vpc_id);
    assert!(instance.tags.contains(&group), "{:?}", instance.tags);

    let keys = ["Owner".to_owned(), "Absent".to_owned()];
    backend.remove_tags(&node, &keys).await.unwrap();
    backend.remove_tags(&node, &[]).await.unwrap();
    assert_eq!(backend.list_tags(&node).await.unwrap(), [group]);

    let unknown = NodeId::from("i-0123456789abcdef0");
    let error = backend.named_instances(&[unknown]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.code(), Some("InvalidInstanceID.NotFound"));
}

#[tokio::test]
async fn the_network_of_an_instance_is_read() {
    const SERVICE: &str = "com.amazonaws.us-east-1.ssm";
    let Some(moto) = Moto::start() else { return };
    let backend = &moto.backend;
    let started = run_instance(&moto).await;
    let (vpc, subnet) = (started.vpc_id.unwrap(), started.subnet_id.unwrap());
    let made = aws_sdk_ec2::Client::new(&moto.config)
        .create_vpc_endpoint()
        .vpc_id(&vpc)
        .service_name(SERVICE)
        .vpc_endpoint_type(ec2::VpcEndpointType::Interface)
        .subnet_ids(&subnet)
        .private_dns_enabled(true)
        .send()
        .await
        .unwrap();

    let in_vpc = QueryFilter::new("vpc-id", [&vpc]);
    let of_service = |name: &str| [in_vpc.clone(), QueryFilter::new("service-name", [name])];
    let found = backend
        .describe_vpc_endpoints(DescribeVpcEndpoints::new(
            of_service(SERVICE),
            PageRequest::first(),
        ))
        .await
        .unwrap();
    let [endpoint] = &found.items[..] else {
        panic!("{found:?}")
    };
    let id = made.vpc_endpoint.unwrap().vpc_endpoint_id.unwrap();
    assert_eq!(endpoint.vpc_endpoint_id, id);
    assert_eq!(endpoint.vpc_endpoint_type, "Interface");
    assert_eq!(endpoint.vpc_id, vpc);
    assert_eq!(endpoint.service_name, SERVICE);
    assert_eq!(endpoint.state, "available");
    assert_eq!(endpoint.subnet_ids, std::slice::from_ref(&subnet));
    assert!(endpoint.private_dns_enabled);
    let other = of_service("com.amazonaws.us-east-1.s3");
    let none =
        backend.describe_vpc_endpoints(DescribeVpcEndpoints::new(&other, PageRequest::first()));
    assert_eq!(none.await.unwrap().items, []);

    let this = [QueryFilter::new("subnet-id", [&subnet])];
    let found = backend.describe_subnets(DescribeSubnets::new(&this, PageRequest::first()));
    let [found] = &found.await.unwrap().items[..] else {
        panic!("not one subnet")
    };
    assert_eq!((&found.subnet_id, &found.vpc_id), (&subnet, &vpc));

    // moto gives the default VPC no internet gateway, as AWS would.
    let main = [in_vpc, QueryFilter::new("association.main", ["true"])];
    let tables =
        backend.describe_route_tables(DescribeRouteTables::new(&main, PageRequest::first()));
    let [table] = &tables.await.unwrap().items[..] else {
        panic!("not one main table")
    };
    assert_eq!(table.vpc_id, vpc);
    assert!(
        table
            .associations
            .iter()
            .any(|association| association.main)
    );
    let gateways = table.routes.iter().map(|route| route.gateway_id.as_deref());
    assert_eq!(gateways.collect::<Vec<_>>(), [Some("local")]);
    assert!(!table.routes.iter().any(|route| route.leads_to_internet()));
}

#[tokio::test]
async fn what_moto_does_not_know_is_an_error_of_the_service() {
    let Some(moto) = Moto::start() else { return };
    // A page of HTML with status 500; the SDK retried before it gave up.
    let groups = moto
        .backend
        .describe_patch_groups(DescribePatchGroups::default());
    let error = groups.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceFailure);
    assert_eq!(error.operation(), Some("DescribePatchGroups"));

    // moto cannot tag hybrid nodes.
    let node = NodeId::from("mi-0123456789abcdef0");
    let tags = [Tag::new("Patch Group", "web")];
    let error = moto.backend.add_tags(&node, &tags).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.code(), Some("InvalidResourceId"));
    assert_eq!(error.operation(), Some("AddTagsToResource"));
}
