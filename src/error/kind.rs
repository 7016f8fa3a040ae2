use std::fmt;

use serde::Serialize;

macro_rules! error_kinds {
    ($( $(#[$meta:meta])* $name:ident = $described:literal, $advice:literal; )+) => {
        /// What kind of thing went wrong; what a caller branches on.
        ///
        /// Each says what to do about it; [`advice`](Self::advice) gives that to a program.
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
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $( $(#[$meta])* #[doc = concat!("\n\nWhat to do: ", $advice, ".")] $name, )+
        }

        impl ErrorKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$( Self::$name ),+];

            /// What to do about it, in one sentence without its full stop.
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
    /// The input was refused: before any call by this crate (then
    /// [`Error::violations`](crate::Error::violations) says why), or by the service.
    InvalidInput = "invalid input",
        "correct the fields that it names; the same call never succeeds";
    /// The named resource does not exist.
    NotFound = "not found",
        "check the id, the account and the Region; what was made a moment ago may take a second to show";
    /// It exists already, such as a second baseline for a group and operating system.
    AlreadyExists = "already exists",
        "use the one that is there, or take it away first; the `ensure_`, `bind_` and `apply_` verbs look before they write";
    /// It is in use, such as a baseline that a group or the default still uses.
    InUse = "in use",
        "release it first: take the groups off a baseline, and make another one the default";
    /// A quota of the account is used up. Waiting does not help.
    LimitExceeded = "limit exceeded",
        "delete what is not needed, or ask AWS for a higher quota; do not repeat the call";
    /// Another change is in progress. Try again later.
    Conflict = "conflicting change in progress",
        "repeat the call a little later";
    /// The name fits several resources, and a name is all that was given.
    Ambiguous = "ambiguous",
        "give the others another name or delete them; the message names all of them";
    /// A client token came back with different parameters.
    IdempotentParameterMismatch = "client token reused with other parameters",
        "use a new client token for other parameters";
    /// The service asked to slow down.
    Throttled = "throttled",
        "repeat the call later and send fewer at a time; the SDK has tried already, and the limit of the adapter can be set lower";
    /// The caller lacks a permission.
    AccessDenied = "access denied",
        "allow the caller the action that the message names; `backend::iam` has the actions of every verb";
    /// The caller's credentials have expired or are unknown.
    InvalidCredentials = "invalid credentials",
        "renew the credentials, and check the clock of the machine";
    /// No answer came within the time allowed.
    Timeout = "timed out",
        "repeat a call that reads; before a write is repeated, look whether it took effect; a run goes on by itself and can be resumed";
    /// The service could not be reached, or the connection broke.
    Connection = "connection failed",
        "check network, endpoint and Region; repeat a call that reads, and look before a write is repeated";
    /// The service failed on its side.
    ServiceFailure = "service failure",
        "repeat the call later; where it stays, give AWS support the request id";
    /// The answer could not be understood, or broke its own protocol (such as a page token that
    /// repeats).
    InvalidResponse = "invalid response",
        "do not repeat the call as it is; report it with operation and request id";
    /// The command has no invocation for the node yet. Ask again.
    NotYet = "not there yet",
        "ask again in a second; `PatchRun::wait` does";
    /// The backend, or the service for this operating system, cannot do this.
    Unsupported = "unsupported",
        "use a backend that can, turn on the feature that the message names, or leave the question out for this system";
    /// A verb of several steps stopped after some took effect;
    /// [`Error::completed_steps`](crate::Error::completed_steps) names them.
    Incomplete = "stopped half-way",
        "mend the cause and run the verb again: it finishes the job; but resume a run by `Error::run`";
    /// Anything else; [`Error::code`](crate::Error::code) says what the service called it.
    Other = "service error",
        "look the code up in the reference of the operation";
}

/// In a few words, such as `not found`.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.describe())
    }
}
