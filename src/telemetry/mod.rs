//! Spans for verbs and calls, and events for what lasts, with the feature `tracing`. Without it the
//! macros leave nothing but the work. The names are public: `docs::observability` lists them.
//!
//! Fields are ids, names, counts and the service's own words: never a parameter, a filter's value,
//! an error's text or anything else of a body, for each of them can hold a secret.

#[cfg(feature = "tracing")]
mod record;

#[cfg(feature = "tracing")]
pub(crate) use self::record::{CALLS, PROGRESS, VERBS, Yield, listed, told};

/// Does a verb's work in a span of the verb's name: `verb!(baseline(baseline = id.as_str()), async { … })`.
///
/// Fields come before the work, for the work may consume what they name.
macro_rules! verb {
    ($name:ident($($field:ident = $value:expr),*), $work:expr) => {{
        #[cfg(feature = "tracing")]
        let span = tracing::info_span!(
            target: $crate::telemetry::VERBS,
            stringify!($name),
            $($field = $value,)*
            error.kind = tracing::field::Empty,
            error.code = tracing::field::Empty,
            request_id = tracing::field::Empty,
        );
        #[cfg(feature = "tracing")]
        let work = $crate::telemetry::told(span, $work);
        #[cfg(not(feature = "tracing"))]
        let work = $work;
        work.await
    }};
}

/// Gives a verb's stream, which is made and polled in a span of the verb's name.
macro_rules! verb_stream {
    ($name:ident($($field:ident = $value:expr),*), $stream:expr) => {{
        #[cfg(feature = "tracing")]
        let span = tracing::info_span!(
            target: $crate::telemetry::VERBS,
            stringify!($name),
            $($field = $value,)*
            items = tracing::field::Empty,
            error.kind = tracing::field::Empty,
            error.code = tracing::field::Empty,
            request_id = tracing::field::Empty,
        );
        #[cfg(feature = "tracing")]
        let stream = $crate::telemetry::listed(span.clone(), span.in_scope(|| $stream));
        #[cfg(not(feature = "tracing"))]
        let stream = $stream;
        stream
    }};
}

/// Makes a backend's call in a span of its own.
macro_rules! call {
    ($service:expr, $operation:expr, $work:expr) => {{
        #[cfg(feature = "tracing")]
        let work =
            $crate::telemetry::told($crate::telemetry::call_span!($service, $operation), $work);
        #[cfg(not(feature = "tracing"))]
        let work = $work;
        work.await
    }};
}

/// The span of a call, for those who put down more on it than [`call`].
#[cfg(feature = "tracing")]
macro_rules! call_span {
    ($service:expr, $operation:expr) => {
        tracing::debug_span!(
            target: $crate::telemetry::CALLS,
            "call",
            service = $service,
            operation = $operation,
            waited_ms = tracing::field::Empty,
            attempts = tracing::field::Empty,
            throttled = tracing::field::Empty,
            error.kind = tracing::field::Empty,
            error.code = tracing::field::Empty,
            request_id = tracing::field::Empty,
        )
    };
}

/// Tells how far something is that takes long.
macro_rules! progress {
    ($message:literal, $($field:ident = $value:expr),*) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: $crate::telemetry::PROGRESS, $($field = $value,)* $message);
    };
}

#[cfg(feature = "tracing")]
pub(crate) use call_span;
pub(crate) use {call, progress, verb, verb_stream};
