//! A layer that cuts one call.

use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_patch_manager::backend::Access;
use aws_patch_manager::backend::layer::{Answer, Call, Layer, Next};
use aws_patch_manager::{Error, ErrorKind, Result};

/// How a call is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// It fails and has no effect.
    Fails,
    /// It takes effect, and its reply is lost.
    LosesReply,
    /// The program ends before the call.
    EndsBefore,
    /// The program ends when the call took effect.
    EndsAfter,
}

impl Cut {
    pub(crate) const ALL: [Self; 4] = [
        Self::Fails,
        Self::LosesReply,
        Self::EndsBefore,
        Self::EndsAfter,
    ];

    /// Whether the program ends.
    pub(crate) fn is_kill(self) -> bool {
        matches!(self, Self::EndsBefore | Self::EndsAfter)
    }

    /// Cuts this call. One that fails does so with this kind; `end` is the end of the program.
    pub(crate) async fn call(
        self,
        call: Call<'_>,
        next: Next<'_>,
        kind: ErrorKind,
        end: impl Future<Output = Result<Answer>>,
    ) -> Result<Answer> {
        if matches!(self, Self::LosesReply | Self::EndsAfter) {
            next.run(&call).await?;
        }
        match self {
            Self::Fails => Err(Error::new(kind, "cut")),
            Self::LosesReply => Err(Error::new(ErrorKind::Connection, "cut").with_unknown_effect()),
            Self::EndsBefore | Self::EndsAfter => end.await,
        }
    }
}

/// A layer that cuts one call, by its number from 0, or none. It remembers all.
#[derive(Debug, Clone)]
pub(crate) struct CutAt {
    cut: Option<(usize, Cut)>,
    kind: ErrorKind,
    calls: Arc<Mutex<Vec<Access>>>,
}

impl CutAt {
    /// A call that fails does so with this kind.
    pub(crate) fn new(cut: Option<(usize, Cut)>, kind: ErrorKind) -> Self {
        Self {
            cut,
            kind,
            calls: Arc::default(),
        }
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Access> {
        self.calls.lock().unwrap().clone()
    }
}

#[async_trait]
impl Layer for CutAt {
    async fn call(&self, call: Call<'_>, next: Next<'_>) -> Result<Answer> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(call.access());
            calls.len() - 1
        };
        match self.cut.filter(|(at, _)| *at == number) {
            Some((_, cut)) => cut.call(call, next, self.kind, pending()).await,
            None => next.run(&call).await,
        }
    }
}
