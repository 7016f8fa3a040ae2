//! Which account and Region a request is for: the access key names the account, the scope of the
//! signature the Region.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;

use super::service::Service;
use crate::error::{Error, ErrorKind, Result};
use crate::memory::{AccountCopy, MemoryBackend, MemoryOrganization, OrganizationCopy};

/// The accounts behind the port.
#[derive(Debug)]
pub(super) enum Accounts {
    /// One, for every request, and what it was at the start.
    One {
        service: Arc<Service>,
        start: Box<AccountCopy>,
    },
    /// Those of an organization.
    Organization {
        organization: MemoryOrganization,
        /// The services of the members that were asked for, by account and Region.
        services: Mutex<BTreeMap<(String, String), Arc<Service>>>,
        /// The management account in the first Region, for what no signature is on.
        central: Arc<Service>,
        /// What it was at the start.
        start: Box<OrganizationCopy>,
    },
}

/// What the signature of a request says of who sends it, and where to.
#[derive(Debug)]
pub(super) struct Scope<'h> {
    access_key: &'h str,
    region: &'h str,
}

impl<'h> Scope<'h> {
    /// Reads the header `Authorization`, `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/…`.
    pub(super) fn of(head: &'h Parts) -> Option<Self> {
        let header = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (_, credential) = header.split_once("Credential=")?;
        let mut parts = credential.split(['/', ',']);
        let access_key = parts.next()?;
        let region = parts.nth(1)?;
        Some(Self { access_key, region })
    }

    /// The account: the twelve digits after the first four characters of the key.
    pub(super) fn account(&self) -> &'h str {
        self.access_key.get(4..16).unwrap_or_default()
    }

    /// The access key.
    pub(super) fn access_key(&self) -> &'h str {
        self.access_key
    }
}

impl Accounts {
    /// One account.
    pub(super) fn one(backend: MemoryBackend) -> Self {
        Self::One {
            start: Box::new(backend.copy()),
            service: Arc::new(Service::of(backend)),
        }
    }

    /// Those of an organization.
    pub(super) fn organization(organization: MemoryOrganization, central: MemoryBackend) -> Self {
        Self::Organization {
            start: Box::new(organization.copy()),
            organization,
            services: Mutex::default(),
            central: Arc::new(Service::of(central)),
        }
    }

    /// Whether they are those of an organization.
    pub(super) fn is_organization(&self) -> bool {
        matches!(self, Self::Organization { .. })
    }

    /// The service for a request.
    pub(super) fn service(&self, head: &Parts) -> Result<Arc<Service>> {
        match (self, Scope::of(head)) {
            (Self::One { service, .. }, _) => Ok(Arc::clone(service)),
            (Self::Organization { central, .. }, None) => Ok(Arc::clone(central)),
            (Self::Organization { .. }, Some(scope)) => {
                let member = self.member(scope.account(), scope.region);
                member.map_err(|_| unrecognized())
            }
        }
    }

    /// The service of an account in a Region.
    pub(super) fn member(&self, account: &str, region: &str) -> Result<Arc<Service>> {
        match self {
            Self::One { service, .. } => {
                let (own_region, own_account) = service.backend.place();
                match (own_account.as_str(), own_region.as_str()) == (account, region) {
                    true => Ok(Arc::clone(service)),
                    false => Err(Error::new(
                        ErrorKind::NotFound,
                        format!("there is only the account {own_account} in {own_region}"),
                    )),
                }
            }
            Self::Organization {
                organization,
                services,
                central,
                ..
            } => {
                let member = organization.member(account, region)?;
                if organization.is_central(account, region) {
                    return Ok(Arc::clone(central));
                }
                let home = (account.to_owned(), region.to_owned());
                let mut services = services.lock().unwrap_or_else(PoisonError::into_inner);
                let service = services.entry(home);
                let service = service.or_insert_with(|| Arc::new(Service::of(member)));
                Ok(Arc::clone(service))
            }
        }
    }

    /// Makes every account what it was at the start.
    pub(super) fn reset(&self) {
        match self {
            Self::One { service, start } => {
                service.backend.return_to(start);
                service.reset();
            }
            Self::Organization {
                organization,
                services,
                central,
                start,
            } => {
                organization.return_to(start);
                central.reset();
                let mut services = services.lock().unwrap_or_else(PoisonError::into_inner);
                services.clear();
            }
        }
    }

    /// The account that a request comes from.
    pub(super) fn caller(&self, head: &Parts) -> Result<String> {
        let scope = Scope::of(head).ok_or_else(unrecognized)?;
        match self {
            Self::One { service, .. } => Ok(service.backend.place().1),
            Self::Organization { organization, .. } => {
                let known = organization
                    .accounts()
                    .find(|account| *account == scope.account());
                known.map(str::to_owned).ok_or_else(unrecognized)
            }
        }
    }

    /// Whether a role can be assumed in an account.
    pub(super) fn has_role(&self, account: &str, role: &str) -> bool {
        match self {
            Self::One { service, .. } => service.backend.place().1 == account,
            Self::Organization { organization, .. } => organization.has_role(account, role),
        }
    }
}

fn unrecognized() -> Error {
    let message = "The security token included in the request is invalid.";
    let code = "UnrecognizedClientException";
    Error::service(ErrorKind::InvalidCredentials, code, message)
}
