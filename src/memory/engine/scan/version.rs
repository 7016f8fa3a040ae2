//! Which of two package versions is newer, as rpm and dpkg decide it.

use std::cmp::Ordering;

use crate::types::OsFamily;

/// Epoch, version and release, compared in this order. A dpkg version holds all three in one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Evr {
    epoch: u64,
    version: String,
    release: String,
    dpkg: bool,
}

impl Evr {
    /// The version of a package as catalog and inventory write it.
    pub(super) fn new(
        family: OsFamily,
        epoch: Option<i32>,
        version: Option<&str>,
        release: Option<&str>,
    ) -> Self {
        let epoch = epoch.and_then(|epoch| u64::try_from(epoch).ok());
        let version = version.unwrap_or_default();
        let release = release.unwrap_or_default();
        if family != OsFamily::Apt {
            return Self {
                epoch: epoch.unwrap_or_default(),
                version: version.to_owned(),
                release: release.to_owned(),
                dpkg: false,
            };
        }
        let (written, rest) = match version.split_once(':') {
            Some((digits, rest)) => (digits.parse().ok(), rest),
            None => (None, version),
        };
        let (upstream, revision) = match rest.rsplit_once('-') {
            Some(parts) if release.is_empty() => parts,
            _ => (rest, release),
        };
        Self {
            epoch: written.or(epoch).unwrap_or_default(),
            version: upstream.to_owned(),
            release: revision.to_owned(),
            dpkg: true,
        }
    }
}

impl Evr {
    /// Whether this version is the newer one if epochs are left out, as dnf's nodes left them out.
    pub(super) fn is_newer_without_epoch(&self, other: &Self) -> bool {
        let epoch = other.epoch;
        let same_epoch = Self {
            epoch,
            ..self.clone()
        };
        same_epoch > *other
    }
}

impl Ord for Evr {
    fn cmp(&self, other: &Self) -> Ordering {
        let compare = if self.dpkg { dpkg } else { rpm };
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| compare(&self.version, &other.version))
            .then_with(|| compare(&self.release, &other.release))
    }
}

impl PartialOrd for Evr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// rpm's `rpmvercmp`: runs of digits or letters are compared in turn, and digits beat letters.
fn rpm(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        (a, b) = match past_marks(a, b) {
            Ok(rest) => rest,
            Err(order) => return order,
        };
        if a.is_empty() || b.is_empty() {
            return a.len().cmp(&b.len());
        }
        let numeric = a.starts_with(|c: char| c.is_ascii_digit());
        let in_run = |c: char| {
            if numeric {
                c.is_ascii_digit()
            } else {
                c.is_ascii_alphabetic()
            }
        };
        let (x, rest_a) = run(a, in_run);
        let (y, rest_b) = run(b, in_run);
        let order = match (numeric, y.is_empty()) {
            (true, true) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (true, false) => digits(x, y),
            (false, false) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
}

/// Skips separators and marks that both have, or says what a mark decides: a tilde sorts before
/// everything, even the end, and a caret after the end only.
fn past_marks<'a>(mut a: &'a str, mut b: &'a str) -> Result<(&'a str, &'a str), Ordering> {
    let separates = |c: char| !(c.is_ascii_alphanumeric() || c == '~' || c == '^');
    let mark = |text: &str| text.chars().next().filter(|c| matches!(c, '~' | '^'));
    loop {
        a = a.trim_start_matches(separates);
        b = b.trim_start_matches(separates);
        match (mark(a), mark(b)) {
            (None, None) => return Ok((a, b)),
            (x, y) if x == y => {
                a = a.get(1..).unwrap_or_default();
                b = b.get(1..).unwrap_or_default();
            }
            (Some('~'), _) => return Err(Ordering::Less),
            (_, Some('~')) => return Err(Ordering::Greater),
            (Some(_), _) if b.is_empty() => return Err(Ordering::Greater),
            (Some(_), _) => return Err(Ordering::Less),
            (_, Some(_)) if a.is_empty() => return Err(Ordering::Less),
            (_, Some(_)) => return Err(Ordering::Greater),
        }
    }
}

/// dpkg's `verrevcmp`: stretches without digits and numbers alternate; in the former a tilde sorts
/// before the end, and letters before anything else.
fn dpkg(a: &str, b: &str) -> Ordering {
    let digit = |c: char| c.is_ascii_digit();
    let (mut a, mut b) = (a, b);
    while !(a.is_empty() && b.is_empty()) {
        let (x, rest_a) = run(a, |c| !digit(c));
        let (y, rest_b) = run(b, |c| !digit(c));
        let weights = |text: &str| text.chars().map(weight).chain([0]).collect::<Vec<_>>();
        let order = weights(x).cmp(&weights(y));
        if order != Ordering::Equal {
            return order;
        }
        let (x, after_a) = run(rest_a, digit);
        let (y, after_b) = run(rest_b, digit);
        let order = digits(x, y);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (after_a, after_b);
    }
    Ordering::Equal
}

fn weight(c: char) -> i64 {
    match c {
        '~' => -1,
        c if c.is_ascii_alphabetic() => i64::from(u32::from(c)),
        c => i64::from(u32::from(c)) + 256,
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// Numbers of any length.
fn digits(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
