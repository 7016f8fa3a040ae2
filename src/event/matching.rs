//! Decides by EventBridge's rules whether a pattern matches an event (EventBridge User Guide, comparison
//! operators).

use serde_json::{Map, Value};

/// The member whose patterns are alternatives.
pub(super) const OR: &str = "$or";
pub(super) const PREFIX: &str = "prefix";

/// Whether each member of the pattern matches the member of the same name, and one alternative if there
/// are any.
pub(super) fn is_match(pattern: &Map<String, Value>, event: &Map<String, Value>) -> bool {
    pattern.iter().all(|(name, expected)| match expected {
        Value::Array(alternatives) if name == OR => {
            let mut alternatives = alternatives.iter().filter_map(Value::as_object);
            alternatives.any(|alternative| is_match(alternative, event))
        }
        Value::Array(accepted) => event.get(name).is_some_and(|value| is_any(accepted, value)),
        Value::Object(nested) => {
            let member = event.get(name).and_then(Value::as_object);
            member.is_some_and(|member| is_match(nested, member))
        }
        _ => false,
    })
}

/// Whether a value is one of those that are accepted. Of an array, one element has to be.
fn is_any(accepted: &[Value], value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(|element| is_any(accepted, element)),
        value => accepted.iter().any(|accepted| is_accepted(accepted, value)),
    }
}

fn is_accepted(accepted: &Value, value: &Value) -> bool {
    match accepted {
        Value::Object(operator) => {
            let prefix = operator.get(PREFIX).and_then(Value::as_str);
            let text = prefix.zip(value.as_str());
            text.is_some_and(|(prefix, text)| text.starts_with(prefix))
        }
        exact => exact == value,
    }
}
