use std::error::Error;
use std::sync::Arc;

#[cfg(feature = "ec2")]
use aws_patch_manager::aws::aws_sdk_ec2;
use aws_patch_manager::aws::sdk_config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider,
};
use aws_patch_manager::aws::{AwsBackend, SdkConfig, aws_sdk_ssm};
use aws_patch_manager::backend::Operation;
use aws_patch_manager::backend::layer::{Faults, LimitConfig};
use aws_patch_manager::exposure::ExposureQuery;
use aws_patch_manager::{ComplianceQuery, ErrorKind, PatchManager};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::usage::Usage;

/// The contestants, in addition to the loop in Python.
pub(crate) const CONTESTANTS: &[&str] = &[
    "sweep, SSM",
    "sweep, SSM 50",
    #[cfg(feature = "ec2")]
    "sweep, EC2",
    "raw SDK, 1,000",
    "raw SDK, SSM",
    #[cfg(feature = "ec2")]
    "raw SDK, EC2",
];
/// The contestant of the exposure.
pub(crate) const EXPOSURE: &str = "exposure";
/// Its peer: the patches of each node, as many calls at a time.
pub(crate) const RAW_EXPOSURE: &str = "raw SDK";
/// The number of parallel calls of the exposure, which is the default of the query and of the limit.
pub(crate) const AT_A_TIME: u32 = 16;
/// The number of parallel calls if the limit is raised.
const OPENED: usize = 25;

/// Runs one contestant to its end, and prints its figures.
pub(crate) fn contend(name: &str, endpoint: &str) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match name {
            "sweep, SSM" => {
                let query = ComplianceQuery::all().concurrency(OPENED);
                sweep(&manager(endpoint), &query).await
            }
            // Without DescribeInstanceProperties, DescribeInstanceInformation lists 50 a page.
            "sweep, SSM 50" => {
                let denied = Faults::new();
                let listing = Operation::DescribeInstanceProperties;
                let (kind, code) = (ErrorKind::AccessDenied, "AccessDeniedException");
                denied.fail(listing, kind, code, "left out").always();
                sweep(&manager(endpoint).layer(denied), &ComplianceQuery::all()).await
            }
            #[cfg(feature = "ec2")]
            "sweep, EC2" => {
                let query = ComplianceQuery::fleet().concurrency(OPENED);
                sweep(&manager(endpoint), &query).await
            }
            EXPOSURE => exposure(endpoint).await,
            RAW_EXPOSURE => raw_exposure(endpoint).await,
            "raw SDK, 1,000" => raw(endpoint, Listing::Properties).await,
            "raw SDK, SSM" => raw(endpoint, Listing::ManagedNodes).await,
            #[cfg(feature = "ec2")]
            "raw SDK, EC2" => raw(endpoint, Listing::Instances).await,
            _ => Err(format!("unknown contestant `{name}`: one of {CONTESTANTS:?}").into()),
        }
    })
}

fn config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIDLOAD", "load", None, None, "load");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn manager(endpoint: &str) -> PatchManager {
    let limits = LimitConfig::default().with_max_in_flight(OPENED);
    let backend = AwsBackend::builder(&config(endpoint))
        .limits(limits)
        .build();
    PatchManager::from_backend(Arc::new(backend))
}

async fn sweep(manager: &PatchManager, query: &ComplianceQuery) -> Result<(), Box<dyn Error>> {
    let usage = Usage::begin();
    let mut sweep = manager.sweep(query);
    let mut nodes = 0;
    while let Some(answer) = sweep.next().await {
        nodes += usize::from(answer?.state.is_some());
    }
    usage.tell(nodes);
    Ok(())
}

/// Which nodes a CVE can hit, with a call for each node.
async fn exposure(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let backend = AwsBackend::builder(&config(endpoint)).build();
    let manager = PatchManager::from_backend(Arc::new(backend));
    let usage = Usage::begin();
    let query = ExposureQuery::new(["CVE-2026-90122"], ComplianceQuery::all());
    let exposure = manager.exposure(&query).await?;
    if let Some(failure) = exposure.failures.first() {
        return Err(failure.error.as_str().into());
    }
    usage.tell(exposure.nodes.len());
    Ok(())
}

/// Reads the patches of each node with the SDK alone, and looks for nothing in them.
async fn raw_exposure(endpoint: &str) -> Result<(), Box<dyn Error>> {
    let config = config(endpoint);
    let usage = Usage::begin();
    let ids = Listing::ManagedNodes.ids(&config).await?;
    let ssm = aws_sdk_ssm::Client::new(&config);
    let read = stream::iter(ids).map(|id| {
        let call = ssm.describe_instance_patches().instance_id(id);
        call.max_results(100).send()
    });
    let read = read.buffer_unordered(AT_A_TIME as usize);
    let answers: Vec<_> = read.try_collect().await?;
    usage.tell(answers.len());
    Ok(())
}

/// The source of a loop's ids.
enum Listing {
    /// DescribeInstanceProperties, 1,000 a page, as the sweep lists them.
    Properties,
    /// DescribeInstanceInformation, 50 a page.
    ManagedNodes,
    /// DescribeInstances, 1,000 a page.
    #[cfg(feature = "ec2")]
    Instances,
}

impl Listing {
    async fn ids(&self, config: &SdkConfig) -> Result<Vec<String>, Box<dyn Error>> {
        let mut ids = Vec::new();
        match self {
            Self::Properties => {
                let list = aws_sdk_ssm::Client::new(config).describe_instance_properties();
                let mut pages = list.into_paginator().page_size(1000).send();
                while let Some(page) = pages.next().await {
                    let nodes = page?.instance_properties.unwrap_or_default();
                    ids.extend(nodes.into_iter().filter_map(|node| node.instance_id));
                }
            }
            Self::ManagedNodes => {
                let list = aws_sdk_ssm::Client::new(config).describe_instance_information();
                let mut pages = list.into_paginator().page_size(50).send();
                while let Some(page) = pages.next().await {
                    let nodes = page?.instance_information_list.unwrap_or_default();
                    ids.extend(nodes.into_iter().filter_map(|node| node.instance_id));
                }
            }
            #[cfg(feature = "ec2")]
            Self::Instances => {
                let list = aws_sdk_ec2::Client::new(config).describe_instances();
                let mut pages = list.into_paginator().page_size(1000).send();
                while let Some(page) = pages.next().await {
                    let reservations = page?.reservations.unwrap_or_default().into_iter();
                    let instances = reservations.flat_map(|one| one.instances.unwrap_or_default());
                    ids.extend(instances.filter_map(|instance| instance.instance_id));
                }
            }
        }
        Ok(ids)
    }
}

/// A hand-written loop: it lists the nodes, then reads their states, one call after the other.
async fn raw(endpoint: &str, listing: Listing) -> Result<(), Box<dyn Error>> {
    let config = config(endpoint);
    let usage = Usage::begin();
    let ids = listing.ids(&config).await?;
    let ssm = aws_sdk_ssm::Client::new(&config);
    let mut nodes = 0;
    for batch in ids.chunks(50) {
        let states = ssm
            .describe_instance_patch_states()
            .set_instance_ids(Some(batch.to_vec()))
            .max_results(100)
            .send()
            .await?;
        nodes += states.instance_patch_states.unwrap_or_default().len();
    }
    usage.tell(nodes);
    Ok(())
}
