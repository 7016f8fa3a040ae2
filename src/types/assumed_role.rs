use super::shape;

shape! {
    /// Who the caller is in a role, as AssumeRole of STS answers it. The credentials of the session are not
    /// kept.
    pub struct AssumedRoleUser {
        /// The id of the role and the name of the session, with `:` between them.
        pub assumed_role_id: Option<String>,
        /// The ARN of the session, such as
        /// `arn:aws:sts::222222222222:assumed-role/AWS-SystemsManager-AutomationExecutionRole/check`.
        pub arn: Option<String>,
    }
}
