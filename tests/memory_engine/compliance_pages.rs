//! The pages of a large fleet's reports.

use aws_patch_manager::backend::{
    AssociationStore, ComplianceSource, DescribeInstancePatchStatesForPatchGroup,
    ListResourceComplianceSummaries,
};
use aws_patch_manager::memory::{FleetNode, InstalledPackage};
use aws_patch_manager::types::{
    ComplianceFilter, OperatingSystem, PatchStateFilter, PatchStateOperator, Target,
};
use aws_patch_manager::{MemoryBackend, PageRequest, PageToken, PatchGroup, Result};

use crate::support::accounts::{association, id, node_id};
use crate::world::*;

const NODES: usize = 25;

fn of(kind: &str, numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers
        .map(|number| format!("{kind} {}", id(number)))
        .collect()
}

/// Nodes that an association scanned, alternately of two groups; those of `even` miss a patch.
async fn scanned() -> MemoryBackend {
    let node = |number: usize| {
        let node = FleetNode::amazon_linux_2023(id(number));
        let old = InstalledPackage::rpm("curl", 0, "8.9", "1", "x86_64");
        match number % 2 {
            0 => node.with_tag("PatchGroup", "even").with_installed(old),
            _ => node.with_tag("PatchGroup", "odd"),
        }
    };
    let backend = account((0..NODES).map(node).collect());
    make_default(&backend, security(OperatingSystem::AmazonLinux2023)).await;
    let everywhere = vec![Target::instance_ids(["*"])];
    let scan = association("Scan", everywhere);
    backend.create_association(scan).await.unwrap();
    seconds(&backend, 3 * 3600);
    backend
}

/// A page of the rows of nodes, as their kinds and nodes.
async fn summaries(
    backend: &MemoryBackend,
    filters: Vec<ComplianceFilter>,
    page: PageRequest,
) -> Result<(Vec<String>, Option<PageToken>)> {
    let request = ListResourceComplianceSummaries::new(filters, page);
    let page = backend.list_resource_compliance_summaries(request).await?;
    let rows = page.items.into_iter();
    let rows = rows.map(|row| format!("{} {}", row.compliance_type, row.resource_id));
    Ok((rows.collect(), page.next_token))
}

/// A page of the states of the group `even`.
async fn states(
    backend: &MemoryBackend,
    filters: Vec<PatchStateFilter>,
    page: PageRequest,
) -> Result<(Vec<String>, Option<PageToken>)> {
    let group = PatchGroup::new("even")?;
    let request = DescribeInstancePatchStatesForPatchGroup::new(group, filters, page);
    let page = backend.describe_instance_patch_states_for_patch_group(request);
    let page = page.await?;
    let rows = page.items.into_iter();
    let rows = rows.map(|state| format!("state {}", state.instance_id));
    Ok((rows.collect(), page.next_token))
}

/// All rows of a listing in pages of one size, and how many pages that took.
async fn all<F>(size: u32, fetch: impl Fn(PageRequest) -> F) -> (Vec<String>, usize)
where
    F: Future<Output = Result<(Vec<String>, Option<PageToken>)>>,
{
    let (mut rows, mut pages, mut token) = (Vec::new(), 0, None);
    loop {
        let page = PageRequest::first().with_max_results(size);
        let (items, next) = fetch(page.with_next_token(token)).await.unwrap();
        assert!(items.len() <= size as usize);
        rows.extend(items);
        pages += 1;
        assert!(pages <= 2 * NODES, "the listing does not end");
        token = next;
        if token.is_none() {
            return (rows, pages);
        }
    }
}

#[tokio::test]
async fn pages_of_summaries_join_to_the_whole_at_any_size() {
    let backend = scanned().await;
    let mut whole = of("Association", 0..NODES);
    whole.extend(of("Patch", 0..NODES));
    for (size, pages) in [(1, 50), (7, 8), (25, 2), (49, 2), (50, 1)] {
        let found = all(size, |page| summaries(&backend, vec![], page)).await;
        assert_eq!(found, (whole.clone(), pages), "{size}");
    }
    let offending = || vec![ComplianceFilter::equal("Status", ["NON_COMPLIANT"])];
    for (size, pages) in [(1, 13), (5, 3), (13, 1)] {
        let found = all(size, |page| summaries(&backend, offending(), page)).await;
        let offenders = of("Patch", (0..NODES).step_by(2));
        assert_eq!(found, (offenders, pages), "{size}");
    }
}

#[tokio::test]
async fn pages_of_a_group_join_to_the_whole_at_any_size() {
    let backend = scanned().await;
    let whole = of("state", (0..NODES).step_by(2));
    let missing = |count| {
        let operator = PatchStateOperator::GreaterThan;
        vec![PatchStateFilter::new("MissingCount", operator, count)]
    };
    for (size, pages) in [(10, 2), (12, 2), (13, 1), (100, 1)] {
        for filters in [vec![], missing(0)] {
            let found = all(size, |page| states(&backend, filters.clone(), page)).await;
            assert_eq!(found, (whole.clone(), pages), "{size}");
        }
        let none = all(size, |page| states(&backend, missing(9), page)).await;
        assert_eq!(none, (vec![], 1), "{size}");
    }
}

#[tokio::test]
async fn a_node_that_goes_between_two_pages_takes_no_other_with_it() {
    let backend = scanned().await;
    let first = PageRequest::first().with_max_results(10);
    let (_, group_token) = states(&backend, vec![], first.clone()).await.unwrap();
    let (_, fleet_token) = summaries(&backend, vec![], first.clone()).await.unwrap();
    // One that has been listed, one that comes next in the group, one that comes next in the fleet.
    for gone in [0, 20, 10] {
        backend.remove_node(&node_id(gone)).unwrap();
    }
    let next = first.clone().with_next_token(group_token);
    let (rest, _) = states(&backend, vec![], next).await.unwrap();
    assert_eq!(rest, of("state", [22, 24].into_iter()));
    let next = first.with_next_token(fleet_token);
    let (rest, _) = summaries(&backend, vec![], next).await.unwrap();
    let left = (11..NODES).filter(|number| *number != 20);
    assert_eq!(rest, of("Association", left.take(10)));
}
