//! The requests for roles of other accounts.

use super::member::request;

request! {
    /// The input of AssumeRole (STS), to find out whether a role can be assumed.
    pub struct AssumeRole {
        /// The ARN of the role.
        required "RoleArn" => role_arn: String,
        /// The name of the session, which CloudTrail shows: 2 to 64 letters, digits or `_+=,.@-`.
        required "RoleSessionName" => role_session_name: String,
        /// How long the session lasts: 900 to 43,200 seconds, and an hour if absent.
        optional "DurationSeconds" => duration_seconds: Option<u32>,
    }

    /// A request for a session of this name in this role.
    pub fn new(
        role_arn: impl Into<String>,
        role_session_name: impl Into<String>,
        duration_seconds: Option<u32>,
    );
}
