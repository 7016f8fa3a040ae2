/// What an entry without a wildcard does not contain.
pub(super) const WILDCARDS: [char; 3] = ['*', '?', '['];

/// A shell pattern of `*`, `?` and `[…]`; case-insensitive.
///
/// `[!x]` is any character but `x`. `[^x]` means the same if `caret_negates`; otherwise `^` is a
/// member.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// Up to the last wildcard, in lower case, as all of the pattern is; empty if there is none.
    head: Vec<char>,
    /// The literal text after it.
    tail: Vec<char>,
    caret_negates: bool,
}

impl Pattern {
    pub(super) fn new(pattern: &str, caret_negates: bool) -> Self {
        let characters = pattern.chars().flat_map(char::to_lowercase);
        let mut head: Vec<char> = characters.collect();
        // After the last of these no class is open, so that all the rest is literal.
        let special = |c: &char| [']', '*', '?', '['].contains(c);
        let last = head.iter().rposition(special);
        let last = last.filter(|_| pattern.contains(WILDCARDS));
        let tail = head.split_off(last.map_or(0, |last| last + 1));
        Self {
            head,
            tail,
            caret_negates,
        }
    }

    /// Whether a name that begins with this text can match. Only letters in ASCII are looked at.
    pub(super) fn can_begin_with(&self, text: &str) -> bool {
        let mut p = 0;
        for byte in text.bytes() {
            if !byte.is_ascii() || self.head.get(p) == Some(&'*') {
                return true;
            }
            let c = char::from(byte.to_ascii_lowercase());
            match p.checked_sub(self.head.len()) {
                None => match self.one(p, c) {
                    Some(used) => p += used,
                    None => return false,
                },
                Some(in_tail) if self.tail.get(in_tail) == Some(&c) => p += 1,
                Some(_) => return false,
            }
        }
        true
    }

    /// Whether a name that ends with this text can match. Only letters in ASCII are looked at.
    pub(super) fn can_end_with(&self, text: &str) -> bool {
        for (byte, c) in text.bytes().rev().zip(self.tail.iter().rev()) {
            if !byte.is_ascii() {
                return true;
            }
            if char::from(byte.to_ascii_lowercase()) != *c {
                return false;
            }
        }
        true
    }

    /// Whether the whole text, in lower case, matches. It is in ASCII, or in characters.
    pub(super) fn matches<T: Copy + Into<char>>(&self, text: &[T]) -> bool {
        let split = text.len().checked_sub(self.tail.len());
        let Some((text, end)) = split.and_then(|split| text.split_at_checked(split)) else {
            return false;
        };
        let mut end = end.iter().zip(&self.tail);
        end.all(|(c, literal)| (*c).into() == *literal) && self.head_matches(text)
    }

    /// Backtracks to the last `*` only, so the steps are bounded by pattern length times text length.
    /// A step at a `[` reads on to the `]`, or to the end of the head if there is none.
    fn head_matches<T: Copy + Into<char>>(&self, text: &[T]) -> bool {
        let (mut p, mut t) = (0, 0);
        let mut star = None;
        loop {
            if self.head.get(p) == Some(&'*') {
                p += 1;
                if p == self.head.len() {
                    return true;
                }
                star = Some((p, t));
                continue;
            }
            let Some(c) = text.get(t) else { break };
            if let Some(used) = self.one(p, (*c).into()) {
                p += used;
                t += 1;
            } else if let Some((after, from)) = &mut star {
                *from += 1;
                (p, t) = (*after, *from);
            } else {
                return false;
            }
        }
        p == self.head.len()
    }

    /// How many pattern characters the one text character uses up; `None` if it does not match.
    #[inline]
    fn one(&self, at: usize, c: char) -> Option<usize> {
        match *self.head.get(at)? {
            '?' => Some(1),
            '[' => match self.class(at) {
                Some((members, used)) => members.contains(c).then_some(used),
                None => (c == '[').then_some(1),
            },
            literal => (literal == c).then_some(1),
        }
    }

    /// The `[…]` that begins at `at`, and its length; an unclosed one is a literal bracket.
    fn class(&self, at: usize) -> Option<(Class<'_>, usize)> {
        let inner = self.head.get(at + 1..)?;
        let (negated, inner) = match inner {
            ['!', rest @ ..] => (true, rest),
            ['^', rest @ ..] if self.caret_negates => (true, rest),
            _ => (false, inner),
        };
        let close = inner.iter().skip(1).position(|&c| c == ']')? + 1;
        let used = 1 + usize::from(negated) + close + 1;
        let members = inner.get(..close)?;
        Some((Class { members, negated }, used))
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
