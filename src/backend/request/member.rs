//! The members of requests in AWS's JSON form.

use serde::de::{Deserialize, Error, MapAccess};
use serde::ser::{Serialize, SerializeMap};

use crate::page::{PageRequest, PageToken, at_least_0, not_empty};

/// Declares a request or a structure inside one, with a constructor of all its members.
///
/// A member is `kind "Name" => field: Type`. The kinds are `required`; `optional`, which is written
/// unless it is empty; `defaulted`, which is always written; and `ec2_filters`. `..page` adds a
/// page, whose members stand among the request's in JSON.
///
/// serde's derive writes the same JSON, but for each type it generates two visitors, an enum of the
/// members and a second reading from a sequence, all of which the compiler checks.
macro_rules! request {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $kind:ident $member:literal => $field:ident: $type:ty, )*
            $( ..$page:ident )?
        }
        $(
            $(#[$new_doc:meta])*
            pub fn $new:ident($($argument:ident: $argument_type:ty),* $(,)?);
        )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $( $(#[$doc])* pub $field: $type, )*
            $(
                /// The page.
                pub $page: $crate::page::PageRequest,
            )?
        }

        $(
            impl $name {
                $(#[$new_doc])*
                pub fn $new($($argument: $argument_type),*) -> Self {
                    Self { $($argument: $argument.into()),* }
                }
            }
        )?

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::backend::request::member;
                let mut members = serializer.serialize_map(None)?;
                $( member::$kind::write(&mut members, $member, &self.$field)?; )*
                $( member::write_page(&mut members, &self.$page)?; )?
                serde::ser::SerializeMap::end(members)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use $crate::backend::request::member;
                struct Members;
                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("struct ", stringify!($name)))
                    }

                    fn visit_map<M: serde::de::MapAccess<'de>>(
                        self,
                        mut members: M,
                    ) -> Result<$name, M::Error> {
                        $( let mut $field = None; )*
                        $( let mut $page = $crate::page::PageRequest::first(); )?
                        while let Some(name) = members.next_key::<String>()? {
                            match name.as_str() {
                                $( $member => member::$kind::read(&mut members, $member, &mut $field)?, )*
                                $( _ if member::read_page(&mut members, &name, &mut $page)? => {} )?
                                _ => drop(members.next_value::<serde::de::IgnoredAny>()?),
                            }
                        }
                        Ok($name {
                            $( $field: member::$kind::value($field, $member)?, )*
                            $( $page, )?
                        })
                    }
                }
                deserializer.deserialize_map(Members)
            }
        }
    };
}

pub(super) use request;

/// A value that is not written.
pub(crate) trait Absent {
    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// Reads the value of a member into its place, once.
pub(crate) fn read<'de, T: Deserialize<'de>, M: MapAccess<'de>>(
    members: &mut M,
    name: &'static str,
    place: &mut Option<T>,
) -> Result<(), M::Error> {
    if place.is_some() {
        return Err(Error::duplicate_field(name));
    }
    *place = Some(members.next_value()?);
    Ok(())
}

pub(super) mod required {
    use super::{Error, Serialize, SerializeMap};

    pub(crate) use super::read;

    pub(crate) fn write<M: SerializeMap>(
        members: &mut M,
        name: &'static str,
        value: &impl Serialize,
    ) -> Result<(), M::Error> {
        members.serialize_entry(name, value)
    }

    pub(crate) fn value<T, E: Error>(place: Option<T>, name: &'static str) -> Result<T, E> {
        place.ok_or_else(|| E::missing_field(name))
    }
}

pub(super) mod defaulted {
    use super::Error;

    pub(crate) use super::read;
    pub(crate) use super::required::write;

    pub(crate) fn value<T: Default, E: Error>(place: Option<T>, _: &'static str) -> Result<T, E> {
        Ok(place.unwrap_or_default())
    }
}

pub(super) mod optional {
    use super::{Absent, Serialize, SerializeMap};

    pub(crate) use super::defaulted::value;
    pub(crate) use super::read;

    pub(crate) fn write<M: SerializeMap>(
        members: &mut M,
        name: &'static str,
        value: &(impl Serialize + Absent),
    ) -> Result<(), M::Error> {
        match value.is_absent() {
            true => Ok(()),
            false => members.serialize_entry(name, value),
        }
    }
}

/// Filters of EC2, whose key is the member `Name`.
pub(super) mod ec2_filters {
    use serde::{Deserialize, Serialize};

    use super::{MapAccess, SerializeMap};
    use crate::types::QueryFilter;

    pub(crate) use super::defaulted::value;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Filter {
        name: String,
        #[serde(default)]
        values: Vec<String>,
    }

    pub(crate) fn write<M: SerializeMap>(
        members: &mut M,
        name: &'static str,
        filters: &[QueryFilter],
    ) -> Result<(), M::Error> {
        let filters = filters.iter().map(|filter| Filter {
            name: filter.key.clone(),
            values: filter.values.clone(),
        });
        super::optional::write(members, name, &filters.collect::<Vec<_>>())
    }

    pub(crate) fn read<'de, M: MapAccess<'de>>(
        members: &mut M,
        name: &'static str,
        place: &mut Option<Vec<QueryFilter>>,
    ) -> Result<(), M::Error> {
        let mut read = place.take().map(|_| Vec::new());
        super::read::<Vec<Filter>, M>(members, name, &mut read)?;
        let filters = read.into_iter().flatten();
        *place = Some(
            filters
                .map(|filter| QueryFilter::new(filter.name, filter.values))
                .collect(),
        );
        Ok(())
    }
}

pub(super) fn write_page<M: SerializeMap>(
    members: &mut M,
    page: &PageRequest,
) -> Result<(), M::Error> {
    optional::write(members, "MaxResults", &page.max_results)?;
    optional::write(members, "NextToken", &page.next_token)
}

/// Reads a member if it is one of a page's.
pub(super) fn read_page<'de, M: MapAccess<'de>>(
    members: &mut M,
    name: &str,
    page: &mut PageRequest,
) -> Result<bool, M::Error> {
    match name {
        "MaxResults" => page.max_results = members.next_value::<PageSize>()?.0,
        "NextToken" => page.next_token = members.next_value::<NextToken>()?.0,
        _ => return Ok(false),
    }
    Ok(true)
}

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct PageSize(#[serde(deserialize_with = "at_least_0")] Option<u32>);

#[derive(serde::Deserialize)]
#[serde(transparent)]
struct NextToken(#[serde(deserialize_with = "not_empty")] Option<PageToken>);
