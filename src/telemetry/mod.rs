//! Spans for verbs and calls, and events for progress, with the feature `tracing`. Without it, the
//! macros only do the work. The names are public: `docs::observability` lists them.
//!
//! Fields are ids, names, counts and the service's constants. They are never a parameter, a
//! filter's value, an error's text or other content, because these can have secrets.

#[cfg(feature = "tracing")]
mod call;
#[cfg(feature = "tracing")]
mod record;

#[cfg(all(feature = "aws", feature = "tracing"))]
pub(crate) use self::call::{CALLS, with_span};
#[cfg(feature = "tracing")]
pub(crate) use self::call::{call, waited};
#[cfg(feature = "tracing")]
pub(crate) use self::record::{PROGRESS, VERBS, Yield, listed, traced};
#[cfg(not(feature = "tracing"))]
pub(crate) use self::untraced::{call, waited};

/// The functions without the feature: they only do the work.
#[cfg(not(feature = "tracing"))]
mod untraced {
    use std::time::Duration;

    pub(crate) fn call<F: Future>(_: &'static str, _: &'static str, work: F) -> F {
        work
    }

    pub(crate) fn waited(_: Duration) {}
}

/// Does a verb's work in a span with the verb's name: `verb!(baseline(baseline = id.as_str()),
/// async { … })`.
///
/// Fields come before the work, because the work may consume their values.
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
        let work = $crate::telemetry::traced(span, $work);
        #[cfg(not(feature = "tracing"))]
        let work = $work;
        work.await
    }};
}

/// A verb's stream, which is created and polled in a span with the verb's name.
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

/// Emits an event about the progress of a long operation.
macro_rules! progress {
    ($message:literal, $($field:ident = $value:expr),*) => {
        #[cfg(feature = "tracing")]
        tracing::debug!(target: $crate::telemetry::PROGRESS, $($field = $value,)* $message);
    };
}

pub(crate) use {progress, verb, verb_stream};
