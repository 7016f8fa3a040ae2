//! Whether the node's traffic for the services goes to endpoints, and whether those let it
//! through; where no endpoint takes it, whether the node has another way.
//!
//! An endpoint takes the traffic even if the subnet has a way to the internet: a gateway endpoint
//! by its route, an interface endpoint by the service's name.

use super::command::Cli;
use super::endpoint;
use super::managed::agent_version;
use super::outbound::Outbound;
use super::problem::Problem;
use super::subject::{Home, Subject};
use super::way_out::WayOut;
use crate::prerequisites::{EndpointService, Evidence, FindingKind, Severity};
use crate::types::{RouteTable, VpcEndpoint};

/// From this version on agents get their messages through ssmmessages if they can (User Guide, VPC
/// endpoints).
const AGENT_WITHOUT_EC2MESSAGES: [u64; 4] = [3, 3, 40, 0];

/// What is wrong with the endpoints.
#[derive(Debug, Default)]
pub(super) struct Endpoints {
    /// What blocks the traffic at endpoints that take it.
    pub(super) obstacles: Vec<Problem>,
    /// Why no endpoint takes the traffic of some services.
    pub(super) lacking: Vec<Problem>,
}

impl Endpoints {
    pub(super) fn of(
        subject: &Subject<'_>,
        home: &Home<'_>,
        table: Option<&RouteTable>,
        outbound: &Outbound<'_>,
    ) -> Self {
        let mut all = Self::default();
        if home.network.endpoints.is_err() {
            return all;
        }
        for service in home.services() {
            let (taking, astray) = by_traffic(home, table, service);
            let taking = taking.into_iter();
            let obstacles =
                taking.map(|endpoint| endpoint::obstacles(home, outbound, service, endpoint));
            let (known, mut found) = match least(obstacles) {
                Some(obstacles) => (&mut all.obstacles, obstacles),
                None => {
                    let astray = least(astray.into_iter());
                    let missing = || table.map(|table| missing(home, table, service));
                    let lacking = astray.unwrap_or_else(|| missing().into_iter().collect());
                    (&mut all.lacking, lacking)
                }
            };
            if service == EndpointService::Ec2Messages {
                let most = severity_of_ec2messages(subject);
                found
                    .iter_mut()
                    .for_each(|one| one.severity = one.severity.min(most));
            }
            for problem in found {
                // A problem of the VPC comes once for each of its endpoints.
                if !known.iter().any(|one| one.tells_the_same(&problem)) {
                    known.push(problem);
                }
            }
        }
        all
    }

    /// The problems that matter to a node with this way out.
    pub(super) fn problems(self, home: &Home<'_>, way_out: &WayOut<'_>) -> Vec<Problem> {
        let mut problems = self.obstacles;
        match way_out {
            WayOut::Closed(_, evidence) => {
                problems.extend(self.lacking.into_iter().map(|mut one| {
                    one.evidence.insert(0, evidence.clone());
                    one
                }))
            }
            WayOut::Unseen(_, evidence) => problems.extend(unseen(&self.lacking, evidence)),
            WayOut::NoTable => problems.push(no_table(home)),
            WayOut::Open(_) | WayOut::NotRead => {}
        }
        problems
    }
}

/// The endpoints that the node's traffic for a service goes to, and why it does not go to the others.
fn by_traffic<'a>(
    home: &Home<'a>,
    table: Option<&RouteTable>,
    service: EndpointService,
) -> (Vec<&'a VpcEndpoint>, Vec<Vec<Problem>>) {
    let mut taking = Vec::new();
    let mut astray = Vec::new();
    for endpoint in home.endpoints(service) {
        let strays = endpoint::strays(home, table, service, endpoint);
        match strays.is_empty() {
            true => taking.push(endpoint),
            false => astray.push(strays),
        }
    }
    // Names are resolved before routes apply.
    if taking.iter().any(|one| !one.is_gateway()) {
        taking.retain(|one| !one.is_gateway());
    }
    (taking, astray)
}

/// The endpoint with the least problems: one that works is enough.
fn least(of_each: impl Iterator<Item = Vec<Problem>>) -> Option<Vec<Problem>> {
    of_each.min_by_key(|problems| {
        let worst = problems.iter().map(|one| one.severity).max();
        (worst, problems.len())
    })
}

fn no_table(home: &Home<'_>) -> Problem {
    let message = format!("found no route table for {}", home.subnet);
    let advice = "check that the caller may see the route tables of the VPC";
    Problem::new(
        Severity::Unknown,
        FindingKind::RouteTableUnseen,
        message,
        advice,
    )
    .seen(home.vpc, "no table for the subnet, and no main table")
}

/// A network behind a transit gateway, a firewall or a NAT instance may have the endpoints or a way
/// to the internet.
fn unseen(lacking: &[Problem], evidence: &Evidence) -> Option<Problem> {
    let needed = lacking.iter().filter(|one| one.severity == Severity::Error);
    let needed: Vec<_> = needed
        .map(|one| Evidence::new("VPC", one.message.clone()))
        .collect();
    if needed.is_empty() {
        return None;
    }
    let message = format!(
        "cannot tell whether {} reaches Systems Manager and S3",
        evidence.resource
    );
    let advice = "check where its routes lead, or scan the node to prove it";
    Some(
        Problem::new(
            Severity::Unknown,
            FindingKind::WayOutUnseen,
            message,
            advice,
        )
        .with_evidence([evidence.clone()])
        .with_evidence(needed),
    )
}

fn missing(home: &Home<'_>, table: &RouteTable, service: EndpointService) -> Problem {
    let vpc = home.vpc;
    let region = home.region_or_blank();
    let name = service.name_in(region);
    let line = Cli::regional("ec2 create-vpc-endpoint", Some(region))
        .option("--vpc-id", vpc)
        .option("--vpc-endpoint-type", service.endpoint_type())
        .option("--service-name", &name);
    let problem = Problem::error(
        FindingKind::EndpointMissing,
        format!("{vpc} has no endpoint for {service}"),
        format!("create an endpoint for {name}"),
    )
    .with_evidence(others(home));
    if service == EndpointService::S3 {
        let table = table.route_table_id.as_str();
        return problem
            .naming(table, table)
            .by(line.over("--route-table-ids"));
    }
    // An endpoint takes one subnet of each zone (VPC User Guide, interface endpoints).
    let known = home.network.subnet(home.subnet);
    let zone = known.map(|subnet| subnet.availability_zone.as_str());
    let zone = zone.filter(|zone| !zone.is_empty()).unwrap_or(home.subnet);
    let line = line
        .option("--security-group-ids", "SECURITY_GROUP")
        .flag("--private-dns-enabled")
        .over("--subnet-ids");
    problem.naming(zone, home.subnet).by(line)
}

/// The endpoints that the VPC has for these services, in any Region.
fn others(home: &Home<'_>) -> Vec<Evidence> {
    let endpoints = home.network.endpoints_of(home.vpc);
    endpoints
        .filter_map(|endpoint| {
            let service = EndpointService::of(&endpoint.service_name)?;
            let region = EndpointService::region_of(&endpoint.service_name);
            let abroad = home.region.and(region).filter(|_| region != home.region);
            let kind = &endpoint.vpc_endpoint_type;
            let seen = match abroad {
                Some(region) => format!("{kind} endpoint for {service} of {region}"),
                None => format!("{kind} endpoint for {service}"),
            };
            Some(Evidence::new(endpoint.vpc_endpoint_id.as_str(), seen))
        })
        .collect()
}

/// How much it matters at most: an agent that can do without never calls it, even where it may, and of
/// an unmanaged node the agent is not known (User Guide, systems-manager-setting-up-messageAPIs).
fn severity_of_ec2messages(subject: &Subject<'_>) -> Severity {
    match agent_version(subject.managed) {
        None => Severity::Unknown,
        Some(version) if version.as_slice() < AGENT_WITHOUT_EC2MESSAGES.as_slice() => {
            Severity::Error
        }
        Some(_) => Severity::Note,
    }
}

/// Whether the agent gets its messages through ec2messages, as far as is known.
pub(super) fn may_need_ec2messages(subject: &Subject<'_>) -> bool {
    let here = |region| EndpointService::Ec2Messages.exists_in(region);
    subject.region().is_none_or(here) && severity_of_ec2messages(subject) != Severity::Note
}
