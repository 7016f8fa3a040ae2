//! The faults that calls meet.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Request;
use crate::backend::Operation;
use crate::backend::layer::{Fault, FaultScope};
use crate::error::{ErrorKind, Result, Violations};

/// The longest that a call waits.
const MOST_SECONDS: f64 = 86_400.0;

/// What a planned fault does to calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    /// They are throttled.
    Throttle,
    /// They fail with a code.
    Fail,
    /// They take effect, and the connection closes without an answer.
    LoseReply,
    /// They wait.
    Delay,
    /// Every call waits.
    Latency,
    /// Every operation is throttled above a rate.
    ThrottleAbove,
    /// Each call is throttled with a probability.
    ThrottleRandomly,
}

impl Effect {
    /// The member without which the effect says nothing.
    fn required(self) -> Option<&'static str> {
        match self {
            Self::Fail => Some("Code"),
            Self::Delay | Self::Latency => Some("Seconds"),
            Self::ThrottleAbove => Some("CallsPerSecond"),
            Self::ThrottleRandomly => Some("Probability"),
            _ => None,
        }
    }

    /// Whether a request for this effect can have a member.
    fn takes(self, member: &str) -> bool {
        let is_for_all = matches!(
            self,
            Self::Latency | Self::ThrottleAbove | Self::ThrottleRandomly
        );
        match member {
            "Effect" => true,
            "Operation" | "OnCall" | "Times" | "Always" => !is_for_all,
            "Message" => self == Self::Fail,
            _ => self.required() == Some(member),
        }
    }
}

/// The body of a request for a fault.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PlanFault {
    effect: Effect,
    operation: Option<String>,
    on_call: Option<u64>,
    times: Option<u64>,
    #[serde(default)]
    always: bool,
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    seconds: f64,
    #[serde(default)]
    calls_per_second: f64,
    #[serde(default)]
    probability: f64,
}

pub(super) fn plan(request: &Request<'_>) -> Result<Value> {
    let planned: PlanFault = request.input(&["Effect"])?;
    let scope = planned.check(request.body.members())?;
    let faults = request.service.backend.faults();
    let by = Duration::try_from_secs_f64(planned.seconds).unwrap_or_default();
    let fault = match planned.effect {
        Effect::Latency => {
            faults.latency(by);
            None
        }
        Effect::ThrottleAbove => {
            faults.throttle_above(planned.calls_per_second);
            None
        }
        Effect::ThrottleRandomly => {
            faults.throttle_randomly(planned.probability);
            None
        }
        Effect::Fail => {
            let kind = kind_of(&planned.code);
            Some(faults.fail(scope, kind, &planned.code, &planned.message))
        }
        Effect::LoseReply => Some(faults.lose_reply(scope)),
        Effect::Delay => Some(faults.delay(scope, by)),
        Effect::Throttle => Some(faults.throttle(scope)),
    };
    if let Some(fault) = fault {
        planned.time(fault);
    }
    Ok(json!({}))
}

impl PlanFault {
    /// The calls that it is for. Refuses what the effect cannot have, and what lies out of bounds.
    fn check(&self, given: &Value) -> Result<FaultScope> {
        let mut found = Violations::new();
        let effect = self.effect;
        let members = given.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| !effect.takes(name)) {
            let legal = format!("no {name} with the effect {effect:?}");
            found.push(name.as_str(), value.to_string(), legal);
        }
        if let Some(member) = effect.required() {
            let is_there = given.get(member).is_some();
            let legal = format!("is required with the effect {effect:?}");
            found.require(is_there, member, "absent", legal);
        }
        let named = self.operation.as_deref();
        let operation = named.and_then(Operation::named);
        let legal = "an operation of the backend traits, such as SendCommand";
        let is_known = named.is_none() || operation.is_some();
        found.require(is_known, "Operation", named.unwrap_or_default(), legal);
        let is_once = !(self.always && self.times.is_some());
        found.require(is_once, "Always", self.always, "no Always beside Times");
        for (member, number) in [("OnCall", self.on_call), ("Times", self.times)] {
            let is_positive = number.is_none_or(|number| number > 0);
            found.require(is_positive, member, 0, "1 or more");
        }
        let seconds = self.seconds;
        let is_wait = (0.0..=MOST_SECONDS).contains(&seconds);
        found.require(is_wait, "Seconds", seconds, "0 to 86400");
        let rate = self.calls_per_second;
        let legal = "0 or more; 0 removes the bound";
        found.require(rate >= 0.0, "CallsPerSecond", rate, legal);
        let probability = self.probability;
        let is_probability = (0.0..=1.0).contains(&probability);
        found.require(is_probability, "Probability", probability, "0 to 1");
        found.or("the fault", operation.map_or(FaultScope::Any, Into::into))
    }

    /// Says which of the calls the fault affects.
    fn time(&self, fault: Fault) {
        let fault = fault.on_call(self.on_call.unwrap_or(1));
        drop(match self.always {
            true => fault.always(),
            false => fault.times(self.times.unwrap_or(1)),
        });
    }
}

/// The kind of an error, on which the HTTP status depends, by its code.
fn kind_of(code: &str) -> ErrorKind {
    let has = |part: &str| code.contains(part);
    match code {
        "RequestLimitExceeded" | "SlowDown" | "TooManyRequestsException" => ErrorKind::Throttled,
        "UnauthorizedOperation" => ErrorKind::AccessDenied,
        "AuthFailure" | "UnrecognizedClientException" | "InvalidClientTokenId" => {
            ErrorKind::InvalidCredentials
        }
        _ if has("Throttl") => ErrorKind::Throttled,
        _ if has("AccessDenied") => ErrorKind::AccessDenied,
        _ if has("ExpiredToken") => ErrorKind::InvalidCredentials,
        _ if has("Internal") || has("Unavailable") => ErrorKind::ServiceFailure,
        _ if has("NotFound") || has("DoesNotExist") => ErrorKind::NotFound,
        _ if has("Conflict") => ErrorKind::Conflict,
        _ => ErrorKind::InvalidInput,
    }
}

pub(super) fn unspent(request: &Request<'_>) -> Result<Value> {
    let unspent = request.service.backend.faults().unspent();
    let texts: Vec<String> = unspent.iter().map(ToString::to_string).collect();
    Ok(json!({ "Unspent": texts }))
}

pub(super) fn clear(request: &Request<'_>) -> Result<Value> {
    request.service.backend.faults().clear();
    Ok(json!({}))
}
