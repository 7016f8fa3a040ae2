//! The names by which the entry of a list can mean a patch.

use std::sync::LazyLock;

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
#[derive(Debug)]
pub(super) struct Forms {
    of_packages: Shape,
    of_others: Shape,
}

impl Forms {
    pub(super) fn of(os: &OperatingSystem) -> &'static Self {
        const NONE: &[Form] = &[];
        static OF_WINDOWS: LazyLock<Forms> = LazyLock::new(|| Forms::new(WINDOWS, WINDOWS, NONE));
        static OF_APT: LazyLock<Forms> = LazyLock::new(|| Forms::new(APT, NONE, NONE));
        static OF_ZYPPER: LazyLock<Forms> = LazyLock::new(|| Forms::new(RPM, UNNAMED, FULL));
        static OF_RPM: LazyLock<Forms> = LazyLock::new(|| Forms::new(RPM, UNNAMED, NONE));
        match os.family() {
            OsFamily::Windows => &OF_WINDOWS,
            OsFamily::Apt => &OF_APT,
            OsFamily::Zypper => &OF_ZYPPER,
            _ => &OF_RPM,
        }
    }

    fn new(named: &[Form], unnamed: &[Form], full: &[Form]) -> Self {
        Self {
            of_packages: Shape::new(named, full),
            of_others: Shape::new(unnamed, full),
        }
    }

    /// The forms of a patch with a package name, or of one without.
    pub(super) fn shape(&self, of_package: bool) -> &Shape {
        if of_package {
            &self.of_packages
        } else {
            &self.of_others
        }
    }

    /// Whether an entry without a wildcard has to be a full name, if another form does not do.
    pub(super) fn has_full_names(&self) -> bool {
        self.of_packages.full != 0
    }
}

/// Forms, each with a bit of its own, and the parts with which they begin and end.
#[derive(Debug)]
pub(super) struct Shape {
    forms: Vec<Form>,
    /// Those that are full names.
    pub(super) full: u32,
    pub(super) beginnings: Vec<(Part, u32)>,
    pub(super) endings: Vec<(Part, u32)>,
}

impl Shape {
    fn new(forms: &[Form], full: &[Form]) -> Self {
        let mut shape = Self {
            forms: [forms, full].concat(),
            full: 0,
            beginnings: Vec::new(),
            endings: Vec::new(),
        };
        for (number, form) in shape.forms.iter().enumerate() {
            let bit = 1 << number;
            if number >= forms.len() {
                shape.full |= bit;
            }
            let ends = [
                (form.first(), &mut shape.beginnings),
                (form.last(), &mut shape.endings),
            ];
            for (part, known) in ends {
                let Some(part) = part else { continue };
                match known.iter_mut().find(|(one, _)| one == part) {
                    Some((_, forms)) => *forms |= bit,
                    None => known.push((*part, bit)),
                }
            }
        }
        shape
    }

    /// The forms of a set.
    pub(super) fn of(&self, set: u32) -> impl Iterator<Item = Form> {
        let mut left = set;
        std::iter::from_fn(move || {
            let form = self.forms.get(left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(*form)
        })
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

    #[inline(always)]
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

    /// The texts of those of the parts that the patch has, each with what the part is given with.
    #[inline]
    pub(super) fn parts<T: Copy>(&self, parts: &[(Part, T)]) -> impl Iterator<Item = (&str, T)> {
        let texts = parts.iter();
        texts.filter_map(|(part, with)| Some((self.part(*part)?, *with)))
    }

    /// The name in this form, in lower case, if the patch has it, the buffer has room for it, and all
    /// of it is ASCII.
    pub(super) fn ascii<'b>(&self, form: Form, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let mut length = 0;
        for part in form {
            // Byte by byte: the parts are short, and what is read next are single bytes, too.
            for byte in self.part(*part)?.bytes() {
                *buffer.get_mut(length).filter(|_| byte.is_ascii())? = byte.to_ascii_lowercase();
                length += 1;
            }
        }
        buffer.get(..length)
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
    #[inline]
    pub(super) fn notices(&self) -> [&'a [String]; 3] {
        let patch = self.patch;
        [&patch.advisory_ids, &patch.cve_ids, &patch.bugzilla_ids]
            .map(|ids| ids.as_deref().unwrap_or_default())
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
