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

/// Declares what a resource of the service says, and the forms in which the service takes and
/// describes it: each form has the members of the settings behind those of its own.
///
/// The settings are what two forms share. So comparing, changing and describing a resource is one
/// comparison, one merge and a move of the settings, whatever forms are involved.
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
            /// These settings with what is absent from them taken from others.
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
            /// What it says, without the members that this form alone has.
            pub fn settings(&self) -> $settings {
                $settings { $( $field: self.$field.clone() ),+ }
            }
        }

        /// The members that this form alone has are absent.
        impl From<$settings> for $form {
            fn from(settings: $settings) -> Self {
                Self { $( $field: settings.$field, )+ ..Self::default() }
            }
        }
    };
}

/// A structure whose members come from another one of the same names, and some of its own.
macro_rules! moved {
    ($from:ident => $to:ident { $( $field:ident ),+ $( ; $( $own:ident : $value:expr ),+ )? $(,)? }) => {
        $to {
            $( $field: $from.$field, )+
            $( $( $own: $value, )+ )?
        }
    };
}

pub(crate) use {moved, settings, shape};
