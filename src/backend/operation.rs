//! The properties of each operation, from the table of operations.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::table::operations;
use crate::error::{Error, Violation};

/// The service that an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Service {
    /// Systems Manager.
    Ssm,
    /// Quick Setup, a part of Systems Manager with its own API.
    QuickSetup,
    /// EC2.
    Ec2,
    /// IAM.
    Iam,
    /// STS.
    Sts,
}

impl Service {
    /// The prefix of the service's IAM actions.
    ///
    /// ```
    /// use aws_patch_manager::backend::Service;
    ///
    /// assert_eq!(Service::QuickSetup.as_str(), "ssm-quicksetup");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ssm => "ssm",
            Self::QuickSetup => "ssm-quicksetup",
            Self::Ec2 => "ec2",
            Self::Iam => "iam",
            Self::Sts => "sts",
        }
    }
}

/// Prints the prefix of its IAM actions.
impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Whether an operation reads or writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub enum Access {
    /// It only reads.
    Read,
    /// It changes the account or its nodes.
    Write,
}

/// The page sizes of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PageBounds {
    /// The smallest legal page size.
    pub min: u32,
    /// The largest legal page size.
    pub max: u32,
    /// The default page size. If the model has none, as for most listings, this crate chooses it.
    pub default: u32,
}

/// The form of an answer in AWS's JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AnswerForm {
    /// All members.
    Output,
    /// One member with this name.
    Member(&'static str),
    /// A page of a listing, with its items under this name.
    Listing(&'static str),
    /// Only these members of the request.
    Echo(&'static [&'static str]),
}

impl AnswerForm {
    /// The answer's JSON, from the answer and the request. A page has `Items` and `NextToken`.
    pub(crate) fn write(self, mut answer: Value, request: &Value) -> Value {
        match self {
            Self::Output => answer,
            Self::Member(name) => Value::Object(Map::from_iter([(name.to_owned(), answer)])),
            Self::Listing(name) => {
                if let Some(page) = answer.as_object_mut()
                    && let Some(items) = page.remove("Items")
                {
                    page.insert(name.to_owned(), items);
                }
                answer
            }
            Self::Echo(names) => {
                let members = names.iter().filter_map(|name| {
                    let member = request.get(name)?;
                    Some(((*name).to_owned(), member.clone()))
                });
                Value::Object(members.collect())
            }
        }
    }
}

/// A row of the table.
struct Row {
    name: &'static str,
    service: Service,
    access: Access,
    is_repeatable: bool,
    verbs: &'static str,
    answer: AnswerForm,
    required: &'static [&'static str],
    page: Option<PageBounds>,
    client_token: Option<&'static str>,
    actions: &'static [&'static str],
}

macro_rules! access {
    (Read) => {
        Access::Read
    };
    ($write:ident) => {
        Access::Write
    };
}

macro_rules! is_repeatable {
    (WriteOnce) => {
        false
    };
    ($other:ident) => {
        true
    };
}

macro_rules! answer_form {
    (output) => { AnswerForm::Output };
    (($member:ident)) => { AnswerForm::Member(stringify!($member)) };
    ({$items:ident}) => { AnswerForm::Listing(stringify!($items)) };
    ([$($member:ident),*]) => { AnswerForm::Echo(&[$(stringify!($member)),*]) };
}

macro_rules! page_bounds {
    () => {
        None
    };
    ($min:literal $max:literal $default:literal) => {
        Some(PageBounds {
            min: $min,
            max: $max,
            default: $default,
        })
    };
}

macro_rules! client_token {
    () => {
        None
    };
    ($member:ident) => {
        Some(stringify!($member))
    };
}

macro_rules! actions {
    (Ssm $name:ident $($also:literal)*) => { &[concat!("ssm:", stringify!($name)) $(, $also)*] };
    (QuickSetup $name:ident $($also:literal)*) => { &[concat!("ssm-quicksetup:", stringify!($name)) $(, $also)*] };
    (Ec2 $name:ident $($also:literal)*) => { &[concat!("ec2:", stringify!($name)) $(, $also)*] };
    (Sts $name:ident $($also:literal)*) => { &[concat!("sts:", stringify!($name)) $(, $also)*] };
    (Iam $name:ident $($also:literal)*) => { &[concat!("iam:", stringify!($name)) $(, $also)*] };
}

macro_rules! define_operations {
    ($(
        $(#[$meta:meta])*
        $trait:ident, $field:ident, $mock:ident { $(
            $(#[$doc:meta])*
            $method:ident($request:ident) -> $answer:ty {
                $service:ident $access:ident for $verbs:literal as $form:tt
                $(; requires [$($required:ident),*])?
                $(; pages $min:literal ..= $max:literal by $default:literal)?
                $(; token $token:ident)?
                $(; also [$($also:literal),*])?
            }
        )* }
    )*) => {
        /// An operation of a service, as the backend traits have them: one for each method.
        ///
        /// ```
        /// use aws_patch_manager::backend::{Access, Operation};
        ///
        /// let listing: Operation = "DescribePatchBaselines".parse()?;
        /// assert_eq!(listing.access(), Access::Read);
        /// assert_eq!(listing.page_bounds().map(|page| page.max), Some(100));
        /// assert_eq!(listing.iam_actions(), ["ssm:DescribePatchBaselines"]);
        /// assert!("DescribePatchBaseline".parse::<Operation>().is_err());
        /// # Ok::<(), aws_patch_manager::Error>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation {
            $($(
                #[doc = concat!("[`", stringify!($method), "`](super::", stringify!($trait), "::", stringify!($method), ").")]
                $request,
            )*)*
        }

        impl Operation {
            /// Every operation, in the order of the traits.
            pub const ALL: &'static [Self] = &[$($(Self::$request),*),*];
        }

        static ROWS: &[Row] = &[$($(
            Row {
                name: stringify!($request),
                service: Service::$service,
                access: access!($access),
                is_repeatable: is_repeatable!($access),
                verbs: $verbs,
                answer: answer_form!($form),
                required: &[$($(stringify!($required)),*)?],
                page: page_bounds!($($min $max $default)?),
                client_token: client_token!($($token)?),
                actions: actions!($service $request $($($also)*)?),
            },
        )*)*];
    };
}

operations!(define_operations);

impl Operation {
    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// The service's own name of the operation, such as `CreatePatchBaseline`.
    pub fn as_str(self) -> &'static str {
        self.row().name
    }

    /// The service that it belongs to.
    pub fn service(self) -> Service {
        self.row().service
    }

    /// Whether it changes anything.
    pub fn access(self) -> Access {
        self.row().access
    }

    /// Whether a repeated call has no further effect.
    ///
    /// False for SendCommand and CreateAssociation: they have no client token, and both patch.
    pub fn is_repeatable(self) -> bool {
        self.row().is_repeatable
    }

    /// The group of [`PatchManager`](crate::PatchManager) verbs that need it, by its name in the
    /// table of IAM actions.
    pub fn verbs(self) -> &'static str {
        self.row().verbs
    }

    /// The page sizes; absent if the operation is not a listing.
    pub fn page_bounds(self) -> Option<PageBounds> {
        self.row().page
    }

    /// The member of the request with the client token: a repeated call with it returns the first
    /// result.
    pub fn client_token(self) -> Option<&'static str> {
        self.row().client_token
    }

    /// The members of the request that the service requires.
    pub fn required_members(self) -> &'static [&'static str] {
        self.row().required
    }

    /// The IAM actions that a backend over AWS needs for it, the operation's own first.
    pub fn iam_actions(self) -> &'static [&'static str] {
        self.row().actions
    }

    pub(crate) fn answer_form(self) -> AnswerForm {
        self.row().answer
    }

    /// The operation with exactly this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|operation| operation.as_str() == name)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Operation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::named(name).ok_or_else(|| {
            let legal = "the name of an operation, such as `CreatePatchBaseline`";
            Error::invalid_input(vec![Violation::new("Operation", name, legal)])
        })
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Operation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

impl From<Operation> for String {
    fn from(operation: Operation) -> Self {
        operation.as_str().to_owned()
    }
}

impl From<Operation> for &'static str {
    fn from(operation: Operation) -> Self {
        operation.as_str()
    }
}

impl PartialEq<str> for Operation {
    fn eq(&self, name: &str) -> bool {
        self.as_str() == name
    }
}

impl PartialEq<&str> for Operation {
    fn eq(&self, name: &&str) -> bool {
        self.as_str() == *name
    }
}
