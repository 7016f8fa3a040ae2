use super::baselines::BaselineShelf;
use super::catalogue::Catalogue;
use super::commands::CommandLedger;
use super::fleet::Fleet;
use super::network::Network;
use super::policies::PolicyBook;

/// Everything the backend knows, behind one lock.
#[derive(Debug)]
pub(super) struct State {
    pub(super) ids: Ids,
    pub(super) baselines: BaselineShelf,
    pub(super) catalogue: Catalogue,
    pub(super) fleet: Fleet,
    pub(super) commands: CommandLedger,
    pub(super) policies: PolicyBook,
    pub(super) network: Network,
}

/// Makes ids; the same seed makes the same ids.
#[derive(Debug)]
pub(super) struct Ids {
    rng: fastrand::Rng,
}

impl Ids {
    pub(super) fn seeded(seed: u64) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
        }
    }

    /// Lower-case hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.rng.usize(..16)]))
            .collect()
    }

    /// A random (version 4) UUID.
    pub(super) fn uuid(&mut self) -> String {
        let variant = ['8', '9', 'a', 'b'][self.rng.usize(..4)];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.hex(3),
            self.hex(12)
        )
    }
}
