use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! error_kinds {
    ($( $(#[$meta:meta])* $name:ident = $described:literal, $advice:literal; )+) => {
        /// The kind of an error, on which a caller branches.
        ///
        /// Each kind says what to do; [`advice`](Self::advice) returns this text.
        ///
        /// ```
        /// use aws_patch_manager::{ErrorKind, PatchManager};
        ///
        /// # futures_util::FutureExt::now_or_never(async {
        /// let manager = PatchManager::in_memory();
        /// match manager.baseline(&"pb-0123456789abcdef0".into()).await {
        ///     Ok(baseline) => println!("{}", baseline.name),
        ///     Err(error) if error.kind() == ErrorKind::NotFound => println!("it is gone"),
        ///     Err(error) if error.is_retryable() => println!("later: {error}"),
        ///     Err(error) => println!("{error}: {}", error.kind().advice()),
        /// }
        /// # }).ok_or("pending")?;
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $( $(#[$meta])* #[doc = concat!("\n\nWhat to do: ", $advice, ".")] $name, )+
        }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];

            /// What to do, as one sentence without its full stop.
            ///
            /// ```
            /// use aws_patch_manager::ErrorKind;
            ///
            /// assert_eq!(ErrorKind::Conflict.advice(), "repeat the call a little later");
            /// ```
            pub fn advice(self) -> &'static str {
                match self {
                    $( Self::$name => $advice, )+
                }
            }

            fn describe(self) -> &'static str {
                match self {
                    $( Self::$name => $described, )+
                }
            }
        }
    };
}

error_kinds! {
    /// The input was refused: by this crate before any call (then
    /// [`Error::violations`](crate::Error::violations) has the reasons), or by the service.
    InvalidInput = "invalid input",
        "correct the fields in the message; the same call never succeeds";
    /// The named resource does not exist.
    NotFound = "not found",
        "check the id, the account and the Region; a new resource may take a second to appear";
    /// The resource already exists, such as a second baseline for a group and operating system.
    AlreadyExists = "already exists",
        "use the existing one, or remove it first; the `ensure_` and `bind_` verbs check before they write";
    /// The resource is in use, such as a baseline that is a group's or the default.
    InUse = "in use",
        "release it first: remove the groups from a baseline, and make another one the default";
    /// A quota of the account is reached. Waiting does not help.
    LimitExceeded = "limit exceeded",
        "delete unused resources, or ask AWS for a higher quota; do not repeat the call";
    /// Another change is in progress. Try again later.
    Conflict = "conflicting change in progress",
        "repeat the call a little later";
    /// Several resources have the given name.
    Ambiguous = "ambiguous",
        "rename or delete all but one; the message names all of them";
    /// A client token was used again with different parameters.
    IdempotentParameterMismatch = "client token reused with other parameters",
        "use a new client token for other parameters";
    /// The service asked to slow down.
    Throttled = "throttled",
        "repeat the call later and make fewer calls at a time; the SDK has already retried, and you can lower the limit of the adapter";
    /// The caller lacks a permission.
    AccessDenied = "access denied",
        "allow the caller the action in the message; `backend::iam` lists the actions of every verb";
    /// The caller's credentials have expired or are unknown.
    InvalidCredentials = "invalid credentials",
        "renew the credentials, and check the clock of the machine";
    /// No answer came within the time limit.
    Timeout = "timed out",
        "repeat a call that reads; before you repeat a write, check whether it took effect; a run goes on, and you can resume it";
    /// The service could not be reached, or the connection broke.
    Connection = "connection failed",
        "check network, endpoint and Region; repeat a call that reads; before you repeat a write, check whether it took effect";
    /// The service failed on its side.
    ServiceFailure = "service failure",
        "repeat the call later; if it fails again, give AWS support the request id";
    /// The answer could not be read, or was inconsistent, such as a page token that repeats.
    InvalidResponse = "invalid response",
        "do not repeat the same call; report it with operation and request id";
    /// The command has no invocation for the node yet. Try again.
    NotYet = "not there yet",
        "try again in a second; `PatchRun::wait` does this";
    /// The backend, or the service for this operating system, cannot do this.
    Unsupported = "unsupported",
        "use a backend that supports it, turn on the feature in the message, or skip it for this operating system";
    /// What a plan rests on has changed since it was made;
    /// [`Error::violations`](crate::Error::violations) names each member.
    Stale = "changed since it was read",
        "make a new plan, review it, and apply that one";
    /// A verb of several steps failed after some steps took effect;
    /// [`Error::completed_steps`](crate::Error::completed_steps) has them.
    Incomplete = "stopped half-way",
        "fix the cause and run the verb again: it does the rest; but resume a run with `Error::run`";
    /// Anything else; [`Error::code`](crate::Error::code) says what the service called it.
    Other = "service error",
        "look up the code in the API reference of the operation";
}

/// In a few words, such as `not found`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.describe())
    }
}
