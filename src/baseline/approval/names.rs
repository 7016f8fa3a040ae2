//! The names by which the entry of a list can mean a patch.

use super::fingerprint::Letters;
use crate::types::{OperatingSystem, OsFamily, Patch};

/// A part of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Kb,
    Bulletin,
    Id,
    Title,
    Name,
    Epoch,
    Version,
    Release,
    Arch,
    Text(&'static str),
}

/// The parts of a name, in their order. A patch that lacks one of them has no such name.
pub(super) type Form = &'static [Part];

use Part::{Arch as A, Epoch as E, Name as N, Release as R, Text, Version as V};

const COLON: Part = Text(":");
const DASH: Part = Text("-");
const DOT: Part = Text(".");

const WINDOWS: &[Form] = &[&[Part::Kb], &[Part::Bulletin]];

/// The six forms in which an apt package can be named.
const APT: &[Form] = &[
    &[N],
    &[N, DOT, A],
    &[V],
    &[N, DASH, V],
    &[A, COLON, V],
    &[N, DOT, A, COLON, V],
];

/// The twelve forms in which an rpm package can be named; macOS uses a part of them, and the patterns
/// of zypper.
const RPM: &[Form] = &[
    &[N],
    &[N, DOT, A],
    &[N, DASH, V],
    &[V],
    &[N, DASH, V, DASH, R],
    &[N, DASH, E, COLON, V, DASH, R],
    &[V, DASH, R],
    &[E, COLON, V, DASH, R],
    &[N, DASH, V, DASH, R, DOT, A],
    &[E, COLON, N, DASH, V, DASH, R, DOT, A],
    &[N, DASH, E, COLON, V, DASH, R, DOT, A],
    &[N, DOT, A, COLON, E, COLON, V, DASH, R],
];

/// What has no package name on those systems.
const UNNAMED: &[Form] = &[&[Part::Title], &[Part::Id]];

/// A SUSE list names a package, with its architecture or not, its file, or a whole patch by its title.
const FULL: &[Form] = &[
    &[Part::Title],
    &[Part::Id],
    &[N],
    &[N, DOT, A],
    &[N, DASH, V, DASH, R, DOT, A, Text(".rpm")],
];

/// The forms of the names of an operating system's patches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forms {
    named: &'static [Form],
    unnamed: &'static [Form],
    /// Those that an entry without a wildcard has to be, if another form does not do.
    pub(super) full: &'static [Form],
}

impl Forms {
    pub(super) fn of(os: &OperatingSystem) -> Self {
        let (named, unnamed, full) = match os.family() {
            OsFamily::Windows => (WINDOWS, WINDOWS, [].as_slice()),
            OsFamily::Apt => (APT, [].as_slice(), [].as_slice()),
            OsFamily::Zypper => (RPM, UNNAMED, FULL),
            _ => (RPM, UNNAMED, [].as_slice()),
        };
        Self {
            named,
            unnamed,
            full,
        }
    }

    /// The forms of a patch with a package name, or of one without.
    pub(super) fn all(self, named: bool) -> impl Iterator<Item = Form> {
        let forms = if named { self.named } else { self.unnamed };
        forms.iter().chain(self.full).copied()
    }

    /// Some parts of each of those forms, each part once.
    pub(super) fn parts(self, named: bool, of: fn(Form) -> Option<Form>) -> Vec<Part> {
        let mut found = Vec::new();
        for part in self.all(named).filter_map(of).flatten() {
            if !found.contains(part) {
                found.push(*part);
            }
        }
        found
    }
}

/// The names of a patch, without the ids of its notices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'a> {
    patch: &'a Patch,
    epoch: Decimal,
}

impl<'a> Names<'a> {
    pub(super) fn of(patch: &'a Patch) -> Self {
        let epoch = Decimal::of(patch.epoch.unwrap_or_default());
        Self { patch, epoch }
    }

    #[inline]
    pub(super) fn part(&self, part: Part) -> Option<&str> {
        let patch = self.patch;
        let not_empty = |text: &&str| !text.is_empty();
        match part {
            Part::Kb => patch.kb_number.as_deref().filter(not_empty),
            Part::Bulletin => patch.msrc_number.as_deref().filter(not_empty),
            Part::Id => patch.id.as_deref(),
            Part::Title => patch.title.as_deref(),
            Part::Name => patch.name.as_deref(),
            Part::Epoch => Some(self.epoch.as_str()),
            Part::Version => patch.version.as_deref(),
            Part::Release => patch.release.as_deref(),
            Part::Arch => patch.arch.as_deref(),
            Part::Text(text) => Some(text),
        }
    }

    pub(super) fn is_of_package(&self) -> bool {
        self.patch.name.is_some()
    }

    /// The texts of those of the parts that the patch has.
    pub(super) fn parts(&self, parts: &[Part]) -> impl Iterator<Item = &str> {
        parts.iter().filter_map(|part| self.part(*part))
    }

    /// The letters of these parts together.
    pub(super) fn letters(&self, parts: &[Part]) -> Letters {
        let mut letters = Letters::default();
        for part in self.parts(parts) {
            letters.add_name(part);
        }
        letters
    }

    /// The name in this form, in lower case, if the patch has it, the buffer has room for it, and all
    /// of it is ASCII.
    pub(super) fn ascii<'b>(&self, form: Form, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut length = 0;
        for part in form {
            let text = self.part(*part)?;
            let room = buffer.get_mut(length..length + text.len())?;
            room.copy_from_slice(text.as_bytes());
            length += text.len();
        }
        let name = buffer.get_mut(..length)?;
        name.make_ascii_lowercase();
        name.is_ascii().then_some(name)
    }

    /// The characters of the name in this form, if the patch has it.
    pub(super) fn name(&self, form: Form) -> Option<impl Iterator<Item = char> + Clone> {
        let has_all = form.iter().all(|part| self.part(*part).is_some());
        has_all.then(|| {
            let parts = form.iter().filter_map(|part| self.part(*part));
            parts.flat_map(str::chars)
        })
    }

    /// The ids of the notices that ship it.
    pub(super) fn notice_ids(&self) -> impl Iterator<Item = &'a str> {
        let patch = self.patch;
        [&patch.advisory_ids, &patch.cve_ids, &patch.bugzilla_ids]
            .into_iter()
            .flatten()
            .flatten()
            .map(String::as_str)
    }
}

/// The digits of a number, on the stack: a patch is judged without allocation.
#[derive(Debug, Clone, Copy)]
struct Decimal {
    text: [u8; 11],
    start: usize,
}

impl Decimal {
    fn of(number: i32) -> Self {
        let mut decimal = Self {
            text: [b'0'; 11],
            start: 11,
        };
        let mut rest = number.unsigned_abs();
        for digit in decimal.text.iter_mut().rev() {
            if rest == 0 && decimal.start < 11 {
                if number < 0 {
                    *digit = b'-';
                    decimal.start -= 1;
                }
                break;
            }
            *digit += (rest % 10) as u8;
            decimal.start -= 1;
            rest /= 10;
        }
        decimal
    }

    fn as_str(&self) -> &str {
        let digits = self.text.get(self.start..).unwrap_or_default();
        std::str::from_utf8(digits).unwrap_or_default()
    }
}

/// Whether an entry is in the form of a notice's id: of a CVE's, or of an advisory's on rpm.
pub(crate) fn is_notice_id(entry: &str) -> bool {
    let upper = entry.to_ascii_uppercase();
    [
        "CVE-", "ALAS", "RHSA-", "RHBA-", "RHEA-", "ELSA-", "ELBA-", "ELEA-",
    ]
    .iter()
    .any(|prefix| upper.starts_with(prefix))
}
