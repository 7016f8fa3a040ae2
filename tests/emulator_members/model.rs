//! A service's model: its inputs, every place in them, and values for those.

use serde_json::{Value, json};

/// A member of an input, by its steps from the input.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) steps: Vec<Step>,
    pub(crate) shape: String,
}

#[derive(Clone)]
pub(crate) enum Step {
    Member(String),
    Item,
    Value,
}

impl Place {
    fn then(&self, step: Step, shape: &str) -> Self {
        let mut steps = self.steps.clone();
        steps.push(step);
        Self {
            steps,
            shape: shape.to_owned(),
        }
    }

    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Member(name) if path.is_empty() => path += name,
                Step::Member(name) => path = format!("{path}.{name}"),
                Step::Item => path += "[]",
                Step::Value => path += "{}",
            }
        }
        path
    }
}

/// A service's model, and values of members by their names, so that inputs name what there is.
pub(crate) struct Model(pub(crate) Value, pub(crate) Value);

impl Model {
    pub(crate) fn shape(&self, name: &str) -> &Value {
        &self.0["shapes"][name]
    }

    pub(crate) fn kind(&self, shape: &str) -> &str {
        self.shape(shape)["type"].as_str().unwrap()
    }

    pub(crate) fn input(&self, operation: &str) -> Option<&str> {
        self.0["operations"][operation]["input"]["shape"].as_str()
    }

    pub(crate) fn members(&self, shape: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.shape(shape)["members"]
            .as_object()
            .into_iter()
            .flatten()
    }

    /// Every place in an input, however deep; a shape inside itself is not entered again.
    pub(crate) fn places(&self, input: &str) -> Vec<Place> {
        let root = Place {
            steps: Vec::new(),
            shape: input.to_owned(),
        };
        let mut places = Vec::new();
        self.enter(&root, &mut vec![input.to_owned()], &mut places);
        places
    }

    fn enter(&self, at: &Place, above: &mut Vec<String>, places: &mut Vec<Place>) {
        let shape = self.shape(&at.shape);
        let below: Vec<Place> = match self.kind(&at.shape) {
            "structure" => self
                .members(&at.shape)
                .map(|(name, member)| {
                    at.then(
                        Step::Member(name.clone()),
                        member["shape"].as_str().unwrap(),
                    )
                })
                .collect(),
            "list" => vec![at.then(Step::Item, shape["member"]["shape"].as_str().unwrap())],
            "map" => vec![at.then(Step::Value, shape["value"]["shape"].as_str().unwrap())],
            _ => Vec::new(),
        };
        for place in below {
            if above.contains(&place.shape) {
                continue;
            }
            above.push(place.shape.clone());
            places.push(place.clone());
            self.enter(&place, above, places);
            above.pop();
        }
    }

    fn member(&self, name: &str, shape: &str) -> Value {
        match self.1.get(name) {
            Some(known) => known.clone(),
            None => self.value(shape),
        }
    }

    /// A value of a shape with its required members and no other.
    pub(crate) fn value(&self, shape: &str) -> Value {
        let said = self.shape(shape);
        match self.kind(shape) {
            "structure" => {
                let required = said["required"].as_array().into_iter().flatten();
                let members = required.map(|name| {
                    let name = name.as_str().unwrap();
                    let shape = said["members"][name]["shape"].as_str().unwrap();
                    (name.to_owned(), self.member(name, shape))
                });
                Value::Object(members.collect())
            }
            "list" => json!([self.value(said["member"]["shape"].as_str().unwrap())]),
            "map" => json!({ "Key": self.value(said["value"]["shape"].as_str().unwrap()) }),
            "integer" | "long" => said["min"].as_i64().unwrap_or(1).into(),
            "boolean" => true.into(),
            "timestamp" => 1_700_000_000.into(),
            _ => match said["enum"][0].as_str() {
                Some(first) => first.into(),
                None if shape.starts_with("Max") => "1".into(),
                None => {
                    let least = said["min"].as_u64().unwrap_or_default();
                    let least = usize::try_from(least).unwrap();
                    format!("{:0<least$}", "i-0123456789abcdef0").into()
                }
            },
        }
    }

    /// An input with its required members and this value at a place.
    pub(crate) fn with(&self, input: &str, place: &Place, value: Value) -> Value {
        let mut whole = self.value(input);
        // Associations are named by their ids here, and compliance items by their node.
        for (operations, member) in [
            ("DescribeAssociation DeleteAssociation", "AssociationId"),
            ("ListComplianceItems", "ResourceIds"),
        ] {
            if operations
                .split(' ')
                .any(|operation| input == format!("{operation}Request"))
            {
                whole[member] = self.1[member].clone();
            }
        }
        let mut at = &mut whole;
        let mut shape = input.to_owned();
        for step in &place.steps {
            let said = self.shape(&shape);
            let (next, inner) = match step {
                Step::Member(name) => {
                    let inner = said["members"][name]["shape"].as_str().unwrap().to_owned();
                    let members = at.as_object_mut().unwrap();
                    let next = members.entry(name.clone());
                    (next.or_insert_with(|| self.member(name, &inner)), inner)
                }
                Step::Item => {
                    let inner = said["member"]["shape"].as_str().unwrap().to_owned();
                    (&mut at[0], inner)
                }
                Step::Value => {
                    let inner = said["value"]["shape"].as_str().unwrap().to_owned();
                    (&mut at["Key"], inner)
                }
            };
            at = next;
            shape = inner;
        }
        *at = value;
        whole
    }

    /// A value of another JSON type than the shape's, which cannot pass unread.
    pub(crate) fn wrong(&self, shape: &str) -> Value {
        match self.kind(shape) {
            "structure" | "list" | "map" => json!("no such type"),
            _ => json!({ "No": "such type" }),
        }
    }
}
