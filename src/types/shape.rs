use std::fmt;

/// What `Debug` shows in place of a sensitive member.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// A URL as `Debug` and messages show it: the query of a presigned one is a credential. The key of an
/// `s3://` URL may have a question mark.
pub(crate) fn without_query(url: &str) -> &str {
    match url.starts_with("s3://") {
        true => url,
        false => url.split(['?', '#']).next().unwrap_or_default(),
    }
}

/// A URL that may be presigned.
pub(crate) trait Presigned {
    /// What `Debug` shows of it.
    fn shown(&self) -> impl fmt::Debug;
}

impl Presigned for String {
    fn shown(&self) -> impl fmt::Debug {
        without_query(self)
    }
}

impl Presigned for Option<String> {
    fn shown(&self) -> impl fmt::Debug {
        self.as_deref().map(without_query)
    }
}

/// Implements `Debug` for a structure whose members are not all optional, with the marks of [`shape`]; a
/// member marked `[secret]` is always there.
macro_rules! debug_shape {
    ($name:ident { $( $([$mark:ident])? $field:ident ),+ $(,)? }) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                // So that no member is forgotten.
                let Self { $( $field: _ ),+ } = self;
                f.debug_struct(stringify!($name))
                    $( .field(
                        stringify!($field),
                        $crate::types::shape!(@shown $($mark)? self.$field),
                    ) )+
                    .finish()
            }
        }
    };
}

/// Declares a structure of the service whose members are all optional.
///
/// An absent member stays absent when it is written back; an empty one stays empty. `Debug` shows
/// only whether a member marked `[sensitive]` is present, and of one marked `[url]` not the query.
macro_rules! shape {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$fmeta:meta])* $fvis:vis $([$mark:ident])? $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "PascalCase", default)]
        #[non_exhaustive]
        $vis struct $name {
            $(
                $(#[$fmeta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                $fvis $field: $type,
            )+
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $( .field(
                        stringify!($field),
                        $crate::types::shape!(@shown $($mark)? self.$field),
                    ) )+
                    .finish()
            }
        }
    };
    (@shown sensitive $member:expr) => {
        &$member.as_ref().map(|_| $crate::types::Redacted)
    };
    (@shown secret $member:expr) => {
        &$crate::types::Redacted
    };
    (@shown url $member:expr) => {
        &$crate::types::Presigned::shown(&$member)
    };
    (@shown $member:expr) => {
        &$member
    };
}

/// Declares the settings of a resource, and the forms in which the service accepts and describes
/// it. Each form has its own members first, then those of the settings.
///
/// All forms share the settings. So comparing, changing and describing a resource each need one
/// function of the settings, whatever the form.
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $vis:vis struct $settings:ident $members:tt
        $(
            $(#[$fmeta:meta])*
            $fvis:vis struct $form:ident $own:tt
        )+
    ) => {
        $crate::types::settings! { @settings $(#[$meta])* $vis struct $settings $members }
        $( $crate::types::settings! {
            @form $settings $members $(#[$fmeta])* $fvis struct $form $own
        } )+
    };
    (
        @settings $(#[$meta:meta])*
        $vis:vis struct $settings:ident {
            $( $(#[$fmeta:meta])* $fvis:vis $([$mark:ident])? $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $crate::types::shape! {
            $(#[$meta])*
            $vis struct $settings { $( $(#[$fmeta])* $fvis $([$mark])? $field: $type ),+ }
        }

        impl $settings {
            /// These settings, with absent members taken from others.
            pub(crate) fn or(self, others: Self) -> Self {
                Self { $( $field: self.$field.or(others.$field) ),+ }
            }
        }
    };
    (
        @form $settings:ident {
            $( $(#[$smeta:meta])* $svis:vis $([$mark:ident])? $field:ident : $type:ty ),+ $(,)?
        }
        $(#[$meta:meta])*
        $vis:vis struct $form:ident { $($own:tt)+ }
    ) => {
        $crate::types::shape! {
            $(#[$meta])*
            $vis struct $form {
                $($own)+
                $( $(#[$smeta])* $svis $([$mark])? $field: $type ),+
            }
        }

        impl $form {
            /// Its settings, without the members of this form only.
            pub fn settings(&self) -> $settings {
                $settings { $( $field: self.$field.clone() ),+ }
            }
        }

        /// The members of this form only are absent.
        impl From<$settings> for $form {
            fn from(settings: $settings) -> Self {
                Self { $( $field: settings.$field, )+ ..Self::default() }
            }
        }
    };
}

/// A structure with the members of another one, and some of its own.
macro_rules! moved {
    ($from:ident => $to:ident { $( $field:ident ),+ $( ; $( $own:ident : $value:expr ),+ )? $(,)? }) => {
        $to {
            $( $field: $from.$field, )+
            $( $( $own: $value, )+ )?
        }
    };
}

/// Declares an enum over the service's strings that preserves unknown values.
///
/// The service adds values without notice (`OperatingSystem` grew from 7 to 15), so each enum is
/// `#[non_exhaustive]` and has `Other`; a program built today reads future answers.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $( $(#[$vmeta])* $variant, )+
            /// A value that this version of the crate does not name, as the service sent it.
            Other(String),
        }

        impl $name {
            /// Every value that this version names, in the service's order.
            pub const KNOWN: &'static [$name] = &[$( $name::$variant ),+];

            /// The service's own string for this value.
            pub fn as_str(&self) -> &str {
                match self {
                    $( $name::$variant => $text, )+
                    $name::Other(value) => value,
                }
            }

            /// Whether this version of the crate names the value.
            pub fn is_known(&self) -> bool {
                !matches!(self, $name::Other(_))
            }
        }

        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                match value {
                    $( $text $(| $alias)* => $name::$variant, )+
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                match $name::from(value.as_str()) {
                    $name::Other(_) => $name::Other(value),
                    known => known,
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Ok($name::from(value))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map($name::from)
            }
        }
    };
}

pub(crate) use {debug_shape, moved, settings, shape, string_enum};
