//! Finds the nearest known name, for a message about an unknown one.

use std::cmp::Reverse;

/// The longest name that is compared, in bytes: four times AWS's longest tag value. The time of a
/// comparison grows with both lengths.
const LONGEST: usize = 1024;

/// The name that was probably meant; `None` if none is near.
///
/// A name is near if at most a third of its letters change, come, go or swap. Letter case and word
/// separators do not matter. Of several, the one with the longest common beginning wins.
pub(crate) fn nearest<'n>(
    given: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    if given.len() > LONGEST {
        return None;
    }
    let given = letters(given);
    let (name, changes) = names
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (name, letters(name)))
        .map(|(name, letters)| {
            let changes = distance(&given, &letters);
            (name, (changes, Reverse(common_prefix(&given, &letters))))
        })
        .min_by_key(|(_, order)| *order)
        .map(|(name, (changes, _))| (name, changes))?;
    let allowed = (name.chars().count().max(given.len()) / 3).max(1);
    (changes <= allowed).then_some(name)
}

/// What to say of a member that a type does not have, among those that it has.
pub(crate) fn no_such_member<'n>(
    given: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> String {
    match nearest(given, known.clone()) {
        Some(meant) => format!("no such member; the nearest is `{meant}`"),
        None => {
            let known: Vec<_> = known.collect();
            match known.is_empty() {
                true => "no such member; none is legal".to_owned(),
                false => format!("no such member; legal are {}", known.join(", ")),
            }
        }
    }
}

fn letters(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The length of the beginning that both share.
fn common_prefix(a: &[char], b: &[char]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// How many letters change, come, go or swap with a neighbour; the matrix is computed row by row.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let changed = at(&last, j) + usize::from(x != y);
            let came_or_went = at(&last, j + 1).min(at(&row, j)) + 1;
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            let swap = if swapped {
                at(&before_last, j - 1) + 1
            } else {
                usize::MAX
            };
            row.push(changed.min(came_or_went).min(swap));
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}
