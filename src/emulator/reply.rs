//! The reply to a request, before it is sent.

use hyper::StatusCode;
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// The reply to a request.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) error_type: Option<String>,
    pub(super) body: String,
}

impl Reply {
    /// An answer in JSON.
    pub(super) fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            content_type: JSON,
            error_type: None,
            body: body.to_string(),
        }
    }

    /// An error with this status, in the form that every client of JSON services reads.
    pub(super) fn refusal(status: StatusCode, code: &str, message: &str) -> Self {
        let body = json!({ "__type": code, "message": message });
        Self {
            error_type: Some(code.to_owned()),
            ..Self::json(status, &body)
        }
    }
}
