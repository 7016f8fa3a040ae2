/// A shell pattern of `*`, `?` and `[…]`; case-insensitive.
///
/// `[!x]` is any character but `x`. `[^x]` means the same if `caret_negates`; otherwise `^` is a
/// member.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    characters: Vec<char>,
    caret_negates: bool,
}

impl Pattern {
    pub(super) fn new(pattern: &str, caret_negates: bool) -> Self {
        Self {
            characters: pattern.chars().flat_map(char::to_lowercase).collect(),
            caret_negates,
        }
    }

    /// The characters that a text must have to match.
    pub(super) fn literals(&self) -> impl Iterator<Item = char> {
        let mut at = 0;
        std::iter::from_fn(move || {
            loop {
                let c = *self.characters.get(at)?;
                let class = (c == '[').then(|| self.class(at)).flatten();
                at += class.as_ref().map_or(1, |(_, used)| *used);
                if class.is_none() && !['*', '?'].contains(&c) {
                    return Some(c);
                }
            }
        })
    }

    /// Whether the whole text, in lower case, matches.
    ///
    /// Backtracks to the last `*` only, so the steps are bounded by pattern length times text length.
    /// A step at a `[` reads on to the `]`, or to the end of the pattern if there is none.
    pub(super) fn matches(&self, text: impl Iterator<Item = char> + Clone) -> bool {
        let mut rest = text;
        let mut p = 0;
        let mut star = None;
        loop {
            let here = rest.clone();
            let Some(c) = rest.next() else { break };
            if self.characters.get(p) == Some(&'*') {
                p += 1;
                rest = here.clone();
                star = Some((p, here));
            } else if let Some(used) = self.one(p, c) {
                p += used;
            } else if let Some((after, from)) = &mut star {
                from.next();
                p = *after;
                rest = from.clone();
            } else {
                return false;
            }
        }
        self.characters.iter().skip(p).all(|&c| c == '*')
    }

    /// How many pattern characters the one text character uses up; `None` if it does not match.
    fn one(&self, at: usize, c: char) -> Option<usize> {
        match *self.characters.get(at)? {
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
        let inner = self.characters.get(at + 1..)?;
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
