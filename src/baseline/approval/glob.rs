/// Whether the whole text matches a shell pattern of `*`, `?` and `[…]`; case-insensitive.
///
/// `[!x]` is any character but `x`. `[^x]` means the same if `caret_negates`; otherwise `^` is a
/// member.
///
/// Backtracks to the last `*` only, so the steps are bounded by pattern length times text length. A
/// step at a `[` reads on to the `]`, or to the end of the pattern if there is none.
pub(super) fn matches(pattern: &str, text: &str, caret_negates: bool) -> bool {
    let pattern: Vec<char> = pattern.chars().flat_map(char::to_lowercase).collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(t) {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some(used) = one(&pattern, p, c, caret_negates) {
            p += used;
            t += 1;
        } else if let Some((after, from)) = star {
            star = Some((after, from + 1));
            p = after;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|&c| c == '*')
}

/// How many pattern characters the one text character uses up; `None` if it does not match.
fn one(pattern: &[char], at: usize, c: char, caret_negates: bool) -> Option<usize> {
    match *pattern.get(at)? {
        '?' => Some(1),
        '[' => match class(pattern, at, caret_negates) {
            Some((members, used)) => members.contains(c).then_some(used),
            None => (c == '[').then_some(1),
        },
        literal => (literal == c).then_some(1),
    }
}

struct Class<'a> {
    members: &'a [char],
    negated: bool,
}

impl Class<'_> {
    fn contains(&self, c: char) -> bool {
        let mut members = self.members;
        let mut found = false;
        while let [first, rest @ ..] = members {
            members = rest;
            if let ['-', last, rest @ ..] = members {
                found |= (*first..=*last).contains(&c);
                members = rest;
            } else {
                found |= *first == c;
            }
        }
        found != self.negated
    }
}

/// The `[…]` that begins at `at`, and its length; an unclosed one is a literal bracket.
fn class(pattern: &[char], at: usize, caret_negates: bool) -> Option<(Class<'_>, usize)> {
    let inner = pattern.get(at + 1..)?;
    let (negated, inner) = match inner {
        ['!', rest @ ..] => (true, rest),
        ['^', rest @ ..] if caret_negates => (true, rest),
        _ => (false, inner),
    };
    let close = inner.iter().skip(1).position(|&c| c == ']')? + 1;
    let used = 1 + usize::from(negated) + close + 1;
    Some((
        Class {
            members: inner.get(..close)?,
            negated,
        },
        used,
    ))
}
