//! Conversion of shapes whose members may all be absent, member by member and in both directions.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use aws_smithy_types::{Blob, DateTime, base64};
use jiff::Timestamp;

use super::{instant, try_page};
use crate::error::{Error, ErrorKind, Result};
use crate::page::Page;
use crate::types::{
    AssociationId, MaxConcurrency, MaxErrors, NodeId, WindowExecutionId, WindowId, WindowTargetId,
    WindowTaskId,
};

/// A value of the SDK's as ours, or of ours as the SDK's.
pub(in crate::aws) trait Convert<T> {
    /// Fails where an answer cannot be read or a request cannot be built.
    fn convert(self) -> Result<T>;
}

/// An answer as ours; the error names the operation.
pub(in crate::aws) fn answer<T>(answer: impl Convert<T>, operation: &'static str) -> Result<T> {
    answer
        .convert()
        .map_err(|error| error.with_operation(operation))
}

/// A page of an answer as ours.
pub(in crate::aws) fn listing<A: Convert<B>, B>(
    items: Option<Vec<A>>,
    next_token: Option<String>,
    operation: &'static str,
) -> Result<Page<B>> {
    try_page(items, next_token, |item| answer(item, operation))
}

fn unreadable(what: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        format!("the answer could not be read: {what}"),
    )
}

impl<A: Convert<B>, B> Convert<Option<B>> for Option<A> {
    fn convert(self) -> Result<Option<B>> {
        self.map(A::convert).transpose()
    }
}

impl<A: Convert<B>, B> Convert<Vec<B>> for Vec<A> {
    fn convert(self) -> Result<Vec<B>> {
        self.into_iter().map(A::convert).collect()
    }
}

impl<K: Ord + Hash, A: Convert<B>, B> Convert<BTreeMap<K, B>> for HashMap<K, A> {
    fn convert(self) -> Result<BTreeMap<K, B>> {
        self.into_iter()
            .map(|(key, value)| Ok((key, value.convert()?)))
            .collect()
    }
}

impl<K: Ord + Hash, A: Convert<B>, B> Convert<HashMap<K, B>> for BTreeMap<K, A> {
    fn convert(self) -> Result<HashMap<K, B>> {
        self.into_iter()
            .map(|(key, value)| Ok((key, value.convert()?)))
            .collect()
    }
}

macro_rules! same {
    ($($type:ty),+) => { $(
        impl Convert<$type> for $type {
            fn convert(self) -> Result<$type> {
                Ok(self)
            }
        }
    )+ };
}

same!(String, bool, i32);

macro_rules! ids {
    ($($id:ty),+) => { $(
        impl Convert<$id> for String {
            fn convert(self) -> Result<$id> {
                Ok(self.into())
            }
        }

        impl Convert<String> for $id {
            fn convert(self) -> Result<String> {
                Ok(self.as_str().to_owned())
            }
        }
    )+ };
}

ids!(
    AssociationId,
    NodeId,
    WindowExecutionId,
    WindowId,
    WindowTargetId,
    WindowTaskId
);

macro_rules! rates {
    ($($rate:ty),+) => { $(
        impl Convert<$rate> for String {
            fn convert(self) -> Result<$rate> {
                self.parse().map_err(unreadable)
            }
        }

        impl Convert<String> for $rate {
            fn convert(self) -> Result<String> {
                Ok(self.to_string())
            }
        }
    )+ };
}

rates!(MaxConcurrency, MaxErrors);

/// The SDK counts in `i32` throughout.
macro_rules! counts {
    ($($count:ty),+) => { $(
        impl Convert<$count> for i32 {
            fn convert(self) -> Result<$count> {
                self.try_into().map_err(|_| unreadable(format_args!("{self} is out of range")))
            }
        }

        impl Convert<i32> for $count {
            fn convert(self) -> Result<i32> {
                self.try_into().map_err(|_| {
                    Error::new(ErrorKind::InvalidInput, format!("{self} is out of range"))
                })
            }
        }
    )+ };
}

counts!(u8, u32);

impl Convert<Timestamp> for DateTime {
    fn convert(self) -> Result<Timestamp> {
        instant(self).ok_or_else(|| unreadable(format_args!("{self:?} is out of range")))
    }
}

/// Some instants come as text, such as `2020-02-25T00:08:15.099Z` or `2020-02-19T16:00Z`.
impl Convert<Timestamp> for String {
    fn convert(self) -> Result<Timestamp> {
        self.parse()
            .map_err(|_| unreadable(format_args!("`{self}` is no instant")))
    }
}

/// The wire has bytes as base64, and so do we; the SDK decodes them.
impl Convert<String> for Blob {
    fn convert(self) -> Result<String> {
        Ok(base64::encode(self))
    }
}

impl Convert<Blob> for String {
    fn convert(self) -> Result<Blob> {
        base64::decode(self).map(Blob::new).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "a payload is not base64").with_source(error)
        })
    }
}

/// Reads structures of the SDK into ours, member by member.
///
/// `ours = theirs` where the names differ; `always` what the SDK's structure never lacks; `never`
/// what it does not have.
macro_rules! received {
    ($(
        $from:path => $to:ident {
            $( $field:ident $(= $theirs:ident)? ),*
            $( ; always $( $present:ident ),+ )?
            $( ; never $( $absent:ident ),+ )?
        }
    )+) => { $(
        impl $crate::aws::convert::member::Convert<$to> for $from {
            fn convert(self) -> $crate::error::Result<$to> {
                Ok($to {
                    $( $field: $crate::aws::convert::member::Convert::convert(
                        $crate::aws::convert::member::received!(@member self $field $($theirs)?),
                    )?, )*
                    $( $( $present: Some(
                        $crate::aws::convert::member::Convert::convert(self.$present)?,
                    ), )+ )?
                    $( $( $absent: None, )+ )?
                })
            }
        }
    )+ };
    (@member $from:ident $field:ident) => { $from.$field };
    (@member $from:ident $field:ident $theirs:ident) => { $from.$theirs };
}

/// Hands every member of a structure of ours to a builder of the SDK's; to leave one out does not compile.
macro_rules! filled {
    ($builder:expr, $value:expr => $shape:ident { $( $field:ident => $set:ident ),+ $(,)? }) => {{
        let $shape { $( $field ),+ } = $value;
        $builder$( .$set($crate::aws::convert::member::Convert::convert($field)?) )+
    }};
}

/// Converts enums that have the same values on both sides.
macro_rules! values {
    ($( $ours:ident = $theirs:ident ),+ $(,)?) => { $(
        impl $crate::aws::convert::member::Convert<$ours> for sdk::$theirs {
            fn convert(self) -> $crate::error::Result<$ours> {
                Ok(self.as_str().into())
            }
        }

        impl $crate::aws::convert::member::Convert<sdk::$theirs> for $ours {
            fn convert(self) -> $crate::error::Result<sdk::$theirs> {
                Ok(self.as_str().into())
            }
        }
    )+ };
}

pub(super) use {filled, received, values};
