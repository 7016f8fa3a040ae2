//! Pages of listings, and streams over them.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::types::Redacted;

/// The token of the next page. Opaque; valid for the operation and filters of the page before.
///
/// `Debug` leaves its text out: whoever has it reads on with it, if the account lets them. `Display` and
/// serde write it, to hand it on.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(String);

impl PageToken {
    /// A token of this text.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageToken").field(&Redacted).finish()
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which page to return, and how large it may be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PageRequest {
    /// The most items on the page; the service's own default if absent. Each operation has its bounds.
    #[serde(
        default,
        deserialize_with = "at_least_0",
        skip_serializing_if = "Option::is_none"
    )]
    pub max_results: Option<u32>,
    /// The token of the page before; absent for the first page.
    #[serde(
        default,
        deserialize_with = "not_empty",
        skip_serializing_if = "Option::is_none"
    )]
    pub next_token: Option<PageToken>,
}

/// Reads a negative number as 0; a backend refuses 0 as the service refuses the negative number.
pub(crate) fn at_least_0<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    let size = Option::<i64>::deserialize(deserializer)?;
    Ok(size.map(|size| u32::try_from(size.max(0)).unwrap_or(u32::MAX)))
}

/// Reads an empty token as none, as the service does.
pub(crate) fn not_empty<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<PageToken>, D::Error> {
    let token = Option::<PageToken>::deserialize(deserializer)?;
    Ok(token.filter(|token| !token.0.is_empty()))
}

impl PageRequest {
    /// The first page, of the service's default size.
    pub fn first() -> Self {
        Self::default()
    }

    /// Limits the page to this many items.
    #[must_use]
    pub fn with_max_results(mut self, max_results: u32) -> Self {
        self.max_results = Some(max_results);
        self
    }

    /// Requests the page of this token.
    #[must_use]
    pub fn with_next_token(mut self, token: impl Into<Option<PageToken>>) -> Self {
        self.next_token = token.into();
        self
    }
}

/// One page of a listing.
///
/// A page may be empty and not be the last; only an absent token is the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The token of the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<PageToken>,
}

impl<T> Page<T> {
    /// A page of these items; an empty token counts as none, as at the service.
    pub fn new(items: Vec<T>, next_token: Option<PageToken>) -> Self {
        Self {
            items,
            next_token: next_token.filter(|token| !token.0.is_empty()),
        }
    }

    /// The only page of a listing.
    pub fn last(items: Vec<T>) -> Self {
        Self {
            items,
            next_token: None,
        }
    }
}

/// Turns a paged operation into a stream of its items. It fetches the next page only when the
/// current one is used up.
///
/// `fetch` is called with the token of each page. An empty page is not the end. A repeated token
/// ends the stream with [`ErrorKind::InvalidResponse`], because the listing would never end.
///
/// ```
/// use aws_patch_manager::{Page, PageToken, paginate};
/// use futures_util::TryStreamExt;
///
/// # futures_util::FutureExt::now_or_never(async {
/// let numbers: Vec<u32> = paginate(|token| async move {
///     Ok(match token {
///         None => Page::new(vec![1, 2], Some(PageToken::new("second"))),
///         Some(_) => Page::last(vec![3]),
///     })
/// })
/// .try_collect()
/// .await?;
/// assert_eq!(numbers, [1, 2, 3]);
/// # Ok::<(), aws_patch_manager::Error>(())
/// # }).ok_or("pending")??;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn paginate<'a, T, F, Fut>(fetch: F) -> BoxStream<'a, Result<T>>
where
    T: Send + 'a,
    F: Fn(Option<PageToken>) -> Fut + Send + Sync + 'a,
    Fut: Future<Output = Result<Page<T>>> + Send + 'a,
{
    struct State<F> {
        fetch: F,
        next: Option<Option<PageToken>>,
        seen: SeenTokens,
    }
    let start = State {
        fetch,
        next: Some(None),
        seen: SeenTokens::default(),
    };
    stream::try_unfold(start, |mut state| async move {
        let Some(token) = state.next.take() else {
            return Ok(None);
        };
        let page = (state.fetch)(token).await?;
        state.next = page.next_token.map(Some);
        if let Some(Some(token)) = &state.next {
            state.seen.note(token)?;
        }
        Ok(Some((stream::iter(page.items.into_iter().map(Ok)), state)))
    })
    .try_flatten()
    .boxed()
}

/// The tokens of a listing so far: after a repeated one the listing would never end.
#[derive(Debug, Default)]
pub(crate) struct SeenTokens(HashSet<PageToken>);

impl SeenTokens {
    /// Records a token; fails if it came before.
    pub(crate) fn note(&mut self, token: &PageToken) -> Result<()> {
        if self.0.insert(token.clone()) {
            return Ok(());
        }
        let message = "the service repeated a page token; the listing would never end";
        Err(Error::new(ErrorKind::InvalidResponse, message))
    }
}

impl FromIterator<PageToken> for SeenTokens {
    fn from_iter<I: IntoIterator<Item = PageToken>>(tokens: I) -> Self {
        Self(tokens.into_iter().collect())
    }
}
