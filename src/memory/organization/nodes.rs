//! The nodes of all members, as the unified console of Systems Manager lists them.

use super::Organization;
use crate::memory::backend::Listed;
use crate::memory::store::account::Account;
use crate::types::NodeOwnerInfo;

/// The ids of the organization and of its root, with which the path of each unit begins.
const ROOT: &str = "o-memory0000/r-memo/";

impl Organization {
    /// The accounts and Regions whose nodes an account sees through the sync of the unified console: all of
    /// them in the management account's first Region, which stands for the home Region, and `None` elsewhere.
    pub(super) fn listed_by(&self, account: &Account) -> Option<Vec<Listed>> {
        let is_home = self.regions.first() == Some(&account.region);
        if account.id != self.management || !is_home {
            return None;
        }
        let members = self.members.iter();
        let listed = members.map(|((account, region), member)| Listed {
            member: member.clone(),
            owner: self.owner_of(account),
            region: region.clone(),
        });
        Some(listed.collect())
    }

    /// An account with its organizational unit; one in the root has none.
    pub(super) fn owner_of(&self, account: &str) -> NodeOwnerInfo {
        let unit = self.accounts.get(account).and_then(Option::as_deref);
        NodeOwnerInfo {
            account_id: Some(account.to_owned()),
            organizational_unit_id: unit.map(str::to_owned),
            organizational_unit_path: Some(self.path_of(unit)),
        }
    }

    fn path_of(&self, unit: Option<&str>) -> String {
        let mut inner_first = Vec::new();
        let mut at = unit;
        // A cycle of units is refused by the builder; the bound keeps this finite without it.
        while let Some(unit) = at.filter(|_| inner_first.len() < self.units.len()) {
            inner_first.push(unit);
            at = self.units.get(unit).and_then(Option::as_deref);
        }
        let units = inner_first.into_iter().rev();
        units.fold(ROOT.to_owned(), |path, unit| path + unit + "/")
    }
}
