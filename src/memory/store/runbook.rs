//! The text of a runbook: its parameters and steps, and what its placeholders stand for.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::automation::{DocumentFormat, DocumentParameter};
use crate::strict;

/// Values by name: of parameters, of the outputs of steps, and of the execution itself.
pub(crate) type Values = BTreeMap<String, Vec<String>>;

/// A runbook as its text says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RunbookText {
    pub(crate) schema_version: String,
    pub(crate) description: Option<String>,
    pub(crate) assume_role: Option<String>,
    pub(crate) parameters: BTreeMap<String, Parameter>,
    pub(crate) main_steps: Vec<Step>,
    pub(crate) outputs: Vec<Value>,
}

/// A parameter that a runbook declares.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Parameter {
    pub(crate) r#type: String,
    pub(crate) description: Option<String>,
    pub(crate) default: Option<Value>,
    pub(crate) allowed_values: Vec<Value>,
}

/// A step of a runbook.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Step {
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) timeout_seconds: Option<i64>,
    pub(crate) on_failure: Option<String>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) is_end: Option<bool>,
    pub(crate) inputs: Value,
}

/// Reads a document's text in its format; `None` if it is not of the format.
pub(crate) fn parse(content: &str, format: &DocumentFormat) -> Option<Value> {
    match format {
        DocumentFormat::Yaml => strict::read_yaml(content.as_bytes()).ok(),
        _ => serde_json::from_str(content).ok(),
    }
}

impl RunbookText {
    /// Reads a runbook; the error says what is wrong.
    pub(crate) fn read(document: Value) -> Result<Self, String> {
        let text: Self = serde_json::from_value(document).map_err(|error| error.to_string())?;
        if text.main_steps.is_empty() {
            return Err("a runbook has at least one step".to_owned());
        }
        for step in &text.main_steps {
            let is_action = step.action.starts_with("aws:");
            if step.name.is_empty() || !is_action {
                return Err("a step has a name and an action such as aws:runCommand".to_owned());
            }
        }
        Ok(text)
    }

    /// The parameters as DescribeDocument describes them.
    pub(crate) fn described(&self) -> Vec<DocumentParameter> {
        let described = self
            .parameters
            .iter()
            .map(|(name, parameter)| DocumentParameter {
                name: Some(name.clone()),
                r#type: Some(parameter.r#type.as_str().into()),
                description: parameter.description.clone(),
                default_value: parameter.default.as_ref().map(text),
            });
        described.collect()
    }

    /// The values of all parameters, with the defaults of those that are not given; the error says
    /// what is wrong. `targeted` is the parameter that takes the target.
    pub(crate) fn values(&self, given: &Values, targeted: Option<&str>) -> Result<Values, String> {
        for name in given.keys().map(String::as_str).chain(targeted) {
            if !self.parameters.contains_key(name) {
                return Err(format!("the runbook does not declare the parameter {name}"));
            }
        }
        let mut values = Values::new();
        for (name, parameter) in &self.parameters {
            let value = match (given.get(name), &parameter.default) {
                (Some(given), _) => given.clone(),
                (None, Some(default)) => list(default),
                (None, None) if targeted == Some(name.as_str()) => continue,
                (None, None) => return Err(format!("the parameter {name} is required")),
            };
            parameter.check(name, &value)?;
            values.insert(name.clone(), value);
        }
        Ok(values)
    }

    /// Puts values in the place of `{{ placeholders }}`. A text that is nothing but the name of a list
    /// becomes the list.
    pub(crate) fn render(&self, value: &Value, values: &Values) -> Value {
        match value {
            Value::String(text) => self.render_text(text, values),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.render(item, values));
                Value::Array(items.collect())
            }
            Value::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(name, member)| (name.clone(), self.render(member, values)));
                Value::Object(Map::from_iter(members))
            }
            other => other.clone(),
        }
    }

    fn render_text(&self, text: &str, values: &Values) -> Value {
        let whole = text
            .trim()
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"));
        if let Some(name) = whole.map(str::trim)
            && let Some(parameter) = self.parameters.get(name)
            && parameter.r#type != "String"
        {
            let items = values.get(name).into_iter().flatten();
            return Value::Array(items.cloned().map(Value::String).collect());
        }
        let mut rendered = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            rendered.push_str(before);
            if let Some(values) = values.get(name.trim()) {
                rendered.push_str(&values.join(","));
            }
            rest = after;
        }
        rendered.push_str(rest);
        Value::String(rendered)
    }
}

impl Parameter {
    fn check(&self, name: &str, values: &[String]) -> Result<(), String> {
        if self.r#type == "String" && values.len() > 1 {
            return Err(format!("the parameter {name} takes one value"));
        }
        let allowed: Vec<_> = self.allowed_values.iter().map(text).collect();
        match values
            .iter()
            .find(|value| !allowed.is_empty() && !allowed.contains(value))
        {
            Some(_) => Err(format!("{name} is not one of {}", allowed.join(", "))),
            None => Ok(()),
        }
    }
}

/// A value as the text of a parameter: a text as it is, anything else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        other => vec![text(other)],
    }
}
