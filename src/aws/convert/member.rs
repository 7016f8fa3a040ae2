//! Converts the service's shapes member by member, in both directions.
//!
//! Our shapes have the same member names as the SDK's. So a conversion is a list of names, and the
//! types define how each member converts. A missing member of ours does not compile.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use aws_smithy_types::{Blob, DateTime, base64};
use jiff::Timestamp;

use super::instant;
use crate::backend::Operation;
use crate::error::{Error, ErrorKind, Result};
use crate::group::PatchGroup;
use crate::page::{Page, PageToken};
use crate::types::{
    AssociationId, AutomationExecutionId, BaselineId, CommandId, MaxConcurrency, MaxErrors, NodeId,
    SnapshotId, WindowExecutionId, WindowId, WindowTargetId, WindowTaskId,
};

/// Converts an SDK value to ours, or ours to the SDK's.
pub(in crate::aws) trait Convert<T> {
    /// Fails if an answer cannot be read or a request cannot be built.
    fn convert(self) -> Result<T>;
}

/// Converts an answer to ours; the error names the operation.
pub(in crate::aws) fn answer<T>(answer: impl Convert<T>, operation: Operation) -> Result<T> {
    answer
        .convert()
        .map_err(|error| error.with_operation(operation))
}

/// Converts a page of an answer to ours; the error names the operation.
pub(in crate::aws) fn listing<A: Convert<B>, B>(
    items: Option<Vec<A>>,
    next_token: Option<String>,
    operation: Operation,
) -> Result<Page<B>> {
    let items = answer(items.unwrap_or_default(), operation)?;
    Ok(Page::new(items, next_token.map(PageToken::new)))
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

same!(String, bool, i32, i64);

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
    AutomationExecutionId,
    BaselineId,
    CommandId,
    NodeId,
    SnapshotId,
    WindowExecutionId,
    WindowId,
    WindowTargetId,
    WindowTaskId
);

impl Convert<PatchGroup> for String {
    fn convert(self) -> Result<PatchGroup> {
        Ok(PatchGroup::from_service(self))
    }
}

macro_rules! rates {
    ($($rate:ty),+) => { $(
        impl Convert<$rate> for String {
            fn convert(self) -> Result<$rate> {
                self.parse().map_err(unreadable)
            }
        }

        impl Lenient<Option<$rate>> for Option<String> {
            fn lenient(self) -> Option<$rate> {
                self?.parse().ok()
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

/// Some instants are text, such as `2020-02-25T00:08:15.099Z` or `2020-02-19T16:00Z`.
impl Convert<Timestamp> for String {
    fn convert(self) -> Result<Timestamp> {
        self.parse()
            .map_err(|_| unreadable(format_args!("`{self}` is not a timestamp")))
    }
}

/// The wire and our types have base64; the SDK decodes it to bytes.
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

/// Converts an SDK value to ours and never fails: an unreadable value counts as absent.
///
/// The listings of a fleet use this, so that one node with an odd date does not hide the others.
pub(super) trait Lenient<T> {
    fn lenient(self) -> T;
}

impl Lenient<u32> for i32 {
    fn lenient(self) -> u32 {
        self.try_into().unwrap_or_default()
    }
}

impl Lenient<Option<u32>> for Option<i32> {
    fn lenient(self) -> Option<u32> {
        self.map(i32::lenient)
    }
}

impl Lenient<Timestamp> for DateTime {
    fn lenient(self) -> Timestamp {
        instant(self).unwrap_or_default()
    }
}

impl Lenient<Option<Timestamp>> for Option<DateTime> {
    fn lenient(self) -> Option<Timestamp> {
        self.and_then(instant)
    }
}

/// A structure of the SDK, or the error of its builder.
pub(super) trait Built<T> {
    fn built(self) -> Result<T>;
}

impl<T> Built<T> for T {
    fn built(self) -> Result<T> {
        Ok(self)
    }
}

impl<T, E: std::error::Error + Send + Sync + 'static> Built<T> for std::result::Result<T, E> {
    fn built(self) -> Result<T> {
        super::built(self)
    }
}

/// Reads or sends a member that one side always has.
pub(in crate::aws) fn always<A: Convert<B>, B>(member: A) -> Result<Option<B>> {
    member.convert().map(Some)
}

/// Reads a member that our type always has: an absent one becomes empty or zero.
pub(in crate::aws) fn or_default<A: Convert<B>, B: Default>(member: Option<A>) -> Result<B> {
    member.map_or_else(|| Ok(B::default()), A::convert)
}

/// Sends a member that our type always has, unless it is empty, which the service may refuse.
pub(in crate::aws) fn unless_empty<A: Default + PartialEq + Convert<B>, B>(
    member: A,
) -> Result<Option<B>> {
    (member != A::default()).then_some(member).convert()
}

/// Reads a member with [`Lenient`].
pub(super) fn lenient<A: Lenient<B>, B>(member: A) -> Result<B> {
    Ok(member.lenient())
}

/// Reads a member that the service always sends.
pub(super) fn required<A: Convert<B>, B>(member: Option<A>, name: &str) -> Result<B> {
    let Some(member) = member else {
        let words = name.split('_').map(|word| {
            let (first, rest) = word.split_at(usize::from(!word.is_empty()));
            first.to_ascii_uppercase() + rest
        });
        let name: String = words.collect();
        let message = format!("the answer lacks {name}");
        return Err(Error::new(ErrorKind::InvalidResponse, message));
    };
    member.convert()
}

/// Reads a structure of the SDK into one of ours, member by member.
///
/// `ours = theirs` if the names differ. After a `;` comes the way to read the members that follow:
/// a function such as [`always`], [`or_default`] or [`lenient`]; `required`; or `never`, for
/// members that the SDK's structure does not have.
macro_rules! read {
    (
        $from:ident => $to:ident {
            $( $field:ident $(= $theirs:ident)? ),*
            $( ; $how:ident $( $member:ident ),+ )*
        }
    ) => {
        $to {
            $( $field: $crate::aws::convert::member::Convert::convert(
                $crate::aws::convert::member::read!(@member $from $field $($theirs)?),
            )?, )*
            $( $( $member: $crate::aws::convert::member::read!(@how $from $how $member), )+ )*
        }
    };
    (@member $from:ident $field:ident) => { $from.$field };
    (@member $from:ident $field:ident $theirs:ident) => { $from.$theirs };
    (@how $from:ident never $member:ident) => { Default::default() };
    (@how $from:ident required $member:ident) => {
        $crate::aws::convert::member::required($from.$member, stringify!($member))?
    };
    (@how $from:ident $how:ident $member:ident) => { $how($from.$member)? };
}

/// Implements the conversion of SDK structures to ours with [`read`].
macro_rules! received {
    ($( $from:path => $to:ident { $($members:tt)* } )+) => { $(
        impl $crate::aws::convert::member::Convert<$to> for $from {
            fn convert(self) -> $crate::error::Result<$to> {
                Ok($crate::aws::convert::member::read!(self => $to { $($members)* }))
            }
        }
    )+ };
}

/// Passes every member of our structure to a builder of the SDK; a missing member does not compile.
///
/// After a `;` comes the way to send the members that follow: [`always`] or [`unless_empty`].
macro_rules! filled {
    (
        $builder:expr, $value:expr => $shape:ident {
            $( $field:ident => $set:ident ),*
            $( ; $how:ident $( $member:ident => $set_member:ident ),+ )*
            $(,)?
        }
    ) => {{
        let $shape { $( $field, )* $( $( $member, )+ )* } = $value;
        $builder
            $( .$set($crate::aws::convert::member::Convert::convert($field)?) )*
            $( $( .$set_member($how($member)?) )+ )*
    }};
}

/// Implements the conversion of our structures to the SDK's with [`filled`].
macro_rules! sent {
    ($( $ours:ident => $theirs:path { $($members:tt)* } )+) => { $(
        impl $crate::aws::convert::member::Convert<$theirs> for $ours {
            fn convert(self) -> $crate::error::Result<$theirs> {
                let filled = $crate::aws::convert::member::filled!(
                    <$theirs>::builder(), self => $ours { $($members)* }
                );
                $crate::aws::convert::member::Built::<$theirs>::built(filled.build())
            }
        }
    )+ };
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

pub(super) use {filled, read, received, sent, values};
