//! Reads a desired state item by item, so that all that is wrong is reported at once.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::check::{self, Items};
use super::{DesiredNodes, DesiredState};
use crate::baseline::{BaselineBuilder, BaselineSpec};
use crate::error::{Result, Violations};
use crate::schedule::PatchPolicy;
use crate::schedule::association::CreateAssociation;
use crate::schedule::window::PatchWindow;
use crate::spelling::no_such_member;
use crate::strict::{self, Document};
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
    let mut reader = Reader { members, found };
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
    reader.baselines(&mut items);
    let mut found = reader.found;
    items.check(&mut found);
    found.or(check::NAME, items.into_state())
}

struct Reader {
    members: Map<String, Value>,
    found: Violations,
}

impl Reader {
    /// A member; its default if it is absent or cannot be read.
    fn member<T: DeserializeOwned + Default>(&mut self, name: &str) -> T {
        match self.members.remove(name) {
            Some(value) if !value.is_null() => self.item(name, value).unwrap_or_default(),
            _ => T::default(),
        }
    }

    /// An item of this type, unless it cannot be read.
    fn item<T: DeserializeOwned>(&mut self, path: &str, value: Value) -> Option<T> {
        let read = strict::read_value(value, check::NAME, &[]);
        let refused = |error: &_| self.found.extend_from(path, error);
        read.inspect_err(refused).ok()
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
    fn baselines(&mut self, items: &mut Items) {
        let values: Vec<Value> = self.member("Baselines");
        for (place, value) in values.into_iter().enumerate() {
            let name = named(&value);
            let built = BaselineBuilder::from_value(value).and_then(|builder| {
                match items.allow_unlisted_values {
                    true => builder.allow_unlisted_values().build(),
                    false => builder.build(),
                }
            });
            match built {
                Ok(spec) => items.baselines.push((place, spec)),
                Err(error) => {
                    let path = format!("Baselines[{place}]");
                    self.found.extend_from(&path, &error);
                    items.refused.extend(name);
                }
            }
        }
    }
}

/// The name and the operating system of a baseline that is refused, so that references to it are not
/// refused as well.
fn named(value: &Value) -> Option<BaselineSpec> {
    let mut spec = BaselineSpec {
        name: value.get("Name")?.as_str()?.to_owned(),
        ..BaselineSpec::default()
    };
    let os = value.get("OperatingSystem").and_then(Value::as_str);
    spec.operating_system = os.map(Into::into);
    Some(spec)
}
