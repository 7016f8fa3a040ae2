use std::fmt;

/// What `Debug` shows in place of a sensitive member.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(redacted)")
    }
}

/// Declares a structure of the service whose members may all be absent.
///
/// An absent member stays absent when it is written back, an empty one stays empty. A member
/// marked `[sensitive]` does not appear in `Debug`, which only says whether it is there.
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
    (@shown $member:expr) => {
        &$member
    };
}

pub(crate) use shape;
