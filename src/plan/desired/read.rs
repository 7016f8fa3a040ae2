//! Reads a desired state item by item, so that all that is wrong is reported at once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::check::{self, Items};
use super::soundness::Unsound;
use super::{DesiredNodes, DesiredState};
use crate::baseline::BaselineBuilder;
use crate::error::{Result, Violations};
use crate::schedule::PatchPolicy;
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::spelling::no_such_member;
use crate::strict::{self, Document, Partial};
use crate::types::member_path;

/// The members of a state.
const MEMBERS: [&str; 9] = [
    "Name",
    "AllowUnlistedValues",
    "Baselines",
    "PatchGroups",
    "Defaults",
    "Nodes",
    "PatchPolicies",
    "MaintenanceWindows",
    "Associations",
];

/// Reads a state from its JSON form, and checks it as a whole.
pub(super) fn state(document: Document) -> Result<DesiredState> {
    let mut found = Violations::new();
    for repeated in document.repeated {
        found.add(repeated);
    }
    let Value::Object(members) = document.value else {
        found.push(
            "the text",
            "",
            format!("an object with the members {}", MEMBERS.join(", ")),
        );
        return found.or(check::NAME, DesiredState::default());
    };
    for name in members.keys() {
        if !MEMBERS.contains(&name.as_str()) {
            found.push(name, "", no_such_member(name, MEMBERS.into_iter()));
        }
    }
    let mut reader = Reader {
        members,
        found,
        unsound: Unsound::default(),
    };
    let mut items = Items {
        name: reader.member("Name"),
        allow_unlisted_values: reader.member("AllowUnlistedValues"),
        patch_groups: reader.groups(),
        defaults: reader.map("Defaults"),
        nodes: reader.list::<DesiredNodes>("Nodes"),
        patch_policies: reader.list::<PatchPolicy>("PatchPolicies"),
        maintenance_windows: reader.list::<PatchWindow>("MaintenanceWindows"),
        associations: reader.list::<CreateAssociation>("Associations"),
        ..Items::default()
    };
    let mut checked = Violations::new();
    reader.baselines(&mut items, &mut checked);
    items.check(&mut checked);
    let (mut found, unsound) = (reader.found, reader.unsound);
    let certain = { checked.into_iter() }.filter(|one| !unsound.may_cause(&one.field));
    certain.for_each(|violation| found.add(violation));
    found.or(check::NAME, items.into_state())
}

struct Reader {
    members: Map<String, Value>,
    found: Violations,
    unsound: Unsound,
}

impl Reader {
    /// A member; its default if it is absent or cannot be read.
    fn member<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        match self.members.remove(name) {
            Some(value) if !value.is_null() => self.item(name, value).unwrap_or_default(),
            _ => T::default(),
        }
    }

    /// An item of this type, with fillers for what cannot be read of it.
    fn item<T: DeserializeOwned>(&mut self, path: &str, value: Value) -> Option<T> {
        let item = strict::read_partial(value);
        self.note(path, &item);
        item.value
    }

    /// Records what cannot be read of an item.
    fn note<T>(&mut self, path: &str, item: &Partial<T>) {
        self.unsound.add(path, item);
        for violation in &item.found {
            self.found.add_under(path, violation.clone());
        }
    }

    /// The items of a list that can be read, with their places.
    fn list<T: DeserializeOwned>(&mut self, name: &str) -> Vec<(usize, T)> {
        let values: Vec<Value> = self.member(name);
        let values = values.into_iter().enumerate();
        values
            .filter_map(|(place, value)| {
                let item = self.item(&format!("{name}[{place}]"), value)?;
                Some((place, item))
            })
            .collect()
    }

    /// The entries of an object that can be read.
    fn map<T: DeserializeOwned>(&mut self, name: &str) -> BTreeMap<String, T> {
        let values: BTreeMap<String, Value> = self.member(name);
        self.entries(name, values)
    }

    fn entries<T: DeserializeOwned>(
        &mut self,
        path: &str,
        values: BTreeMap<String, Value>,
    ) -> BTreeMap<String, T> {
        let values = values.into_iter();
        values
            .filter_map(|(name, value)| {
                let item = self.item(&member_path(path, &name), value)?;
                Some((name, item))
            })
            .collect()
    }

    fn groups<T: DeserializeOwned>(&mut self) -> BTreeMap<String, BTreeMap<String, T>> {
        let groups: BTreeMap<String, BTreeMap<String, Value>> = self.map("PatchGroups");
        let groups = groups.into_iter();
        groups
            .map(|(group, registered)| {
                let path = member_path("PatchGroups", &group);
                (group, self.entries(&path, registered))
            })
            .collect()
    }

    /// Reads baselines as their builder does: it has further checks, and fills in what apt ignores.
    fn baselines(&mut self, items: &mut Items, checked: &mut Violations) {
        let values: Vec<Value> = self.member("Baselines");
        for (place, value) in values.into_iter().enumerate() {
            let path = format!("Baselines[{place}]");
            let item = BaselineBuilder::read_partial(value);
            self.note(&path, &item);
            let Some(mut builder) = item.value else {
                continue;
            };
            if items.allow_unlisted_values {
                builder = builder.allow_unlisted_values();
            }
            let unbuilt = builder.unbuilt().clone();
            match builder.build() {
                Ok(spec) => items.baselines.push((place, spec)),
                Err(error) => {
                    checked.extend_from(&path, &error);
                    items.refused.push((place, unbuilt));
                }
            }
        }
    }
}
