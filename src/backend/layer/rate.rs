//! The rate of one operation, which follows what the service admits.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::limit::unsigned;

/// The least measured rate before an operation is limited: few calls say little.
const FIRST_RATE: f64 = 10.0;
/// The lowest rate after throttling, unless the maximum is lower.
const SLOWEST_RATE: f64 = 0.5;
/// Above this rate, an operation is unlimited again.
const UNLIMITED_RATE: f64 = 1000.0;
/// The share of the measured rate that a lowered rate comes back to at once.
const SAFE_SHARE: f64 = 0.97;
/// The number of answers, at the measured rate, in which a lowered rate would rise by all of it.
const RECOVERY_ANSWERS: f64 = 8.0;
/// The increase with each answer above the safe share, in calls per second: at any rate, 0.3 % a second.
const PROBE: f64 = 0.003;
/// Above this share of the measured rate, the service admits more than it did, so the increase grows.
const OUTDATED_SHARE: f64 = 1.03;
/// How much the increase grows with the rate's excess over the outdated share.
const PROBE_GROWTH: f64 = 0.2;
/// Throttling again within this time means that another program uses the account too.
const SHARED_WITHIN: SignedDuration = SignedDuration::from_secs(10);
/// What is left of the measured rate then, so that the other program gets its part.
const YIELDED_SHARE: f64 = 0.8;
/// After so many such times in a row, the throttling has nothing to do with the rate.
const MOST_YIELDS: u32 = 5;
/// How long nothing is measured then.
const UNRELATED_FOR: SignedDuration = SignedDuration::from_secs(60);
/// The increase with each answer in that time, in calls per second.
const UNRELATED_RECOVERY: f64 = 0.5;
/// Above this rate, an operation is unlimited again in that time.
const UNRELATED_UNLIMITED_RATE: f64 = 50.0;
/// Calls in flight are throttled together, so throttling within this time counts once. Also the shortest
/// time in which a rate is measured: a service admits a burst of about a second's calls.
const ROUND: SignedDuration = SignedDuration::from_secs(1);
/// The delay of a timer that does not slow down the calls after it.
const TIMER_LATENESS: SignedDuration = SignedDuration::from_millis(10);

/// A token bucket of size one. Each call takes the token, which comes back at the rate.
///
/// The rate is additive increase and halving, around a measured rate. The service's own bucket is empty
/// whenever it throttles, so between two such times it admits exactly its rate, whatever its burst is.
///
/// Some throttling has nothing to do with the rate, as when a service sheds load. Then no rate is low enough,
/// so a measured rate would only fall. It is given up for a time in which the rate rises fast.
#[derive(Debug)]
pub(super) struct AdaptiveRate {
    rate: Option<f64>,
    max_rate: Option<f64>,
    /// What the service admitted, in calls per second. Absent before it throttles.
    measured: Option<f64>,
    admitted: Admitted,
    refilled: Timestamp,
    lowered: Option<Timestamp>,
    /// Whether the rate once held for long. Before that, throttling is only how it is found.
    is_settled: bool,
    /// How often the service throttled again soon, in a row.
    yields: u32,
    /// When the rate is measured again, while throttling has nothing to do with it.
    unrelated_until: Option<Timestamp>,
}

/// The answers that are not throttled since a time.
#[derive(Debug)]
struct Admitted {
    since: Timestamp,
    answers: u32,
    /// The rate of the round before, while no rate is limited.
    before: f64,
}

impl Admitted {
    fn since(since: Timestamp) -> Self {
        Self {
            since,
            answers: 0,
            before: 0.0,
        }
    }

    fn rate(&self, now: Timestamp) -> f64 {
        let time = self.since.duration_until(now).max(ROUND).as_secs_f64();
        (f64::from(self.answers) / time).max(self.before)
    }

    /// Counts an answer. While the rate is unlimited, only the last two rounds say what the service admits.
    fn count(&mut self, is_unlimited: bool, now: Timestamp) {
        if is_unlimited && self.since.duration_until(now) >= ROUND {
            let before = f64::from(self.answers) / self.since.duration_until(now).as_secs_f64();
            *self = Self {
                before,
                ..Self::since(now)
            };
        }
        self.answers = self.answers.saturating_add(1);
    }
}

impl AdaptiveRate {
    pub(super) fn new(max_rate: Option<f64>, now: Timestamp) -> Self {
        Self {
            rate: max_rate,
            max_rate,
            measured: None,
            admitted: Admitted::since(now),
            refilled: now,
            lowered: None,
            is_settled: false,
            yields: 0,
            unrelated_until: None,
        }
    }

    /// The time until a token comes back.
    fn interval(&self) -> SignedDuration {
        let seconds = self.rate.map_or(0.0, |rate| 1.0 / rate);
        SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX)
    }

    /// The time until there is a token: at most one interval, even if the clock was set back.
    pub(super) fn wait(&mut self, now: Timestamp) -> Duration {
        let latest = now.saturating_add(self.interval()).unwrap_or(now);
        self.refilled = self.refilled.min(latest);
        unsigned(now.duration_until(self.refilled))
    }

    /// Takes the token, even if it is not back yet.
    pub(super) fn take(&mut self, now: Timestamp) {
        let late = self.refilled.duration_until(now);
        let is_timers = late >= SignedDuration::ZERO && late <= TIMER_LATENESS;
        let from = if is_timers { self.refilled } else { now };
        self.refilled = from.saturating_add(self.interval()).unwrap_or(now);
    }

    /// Learns that a call was throttled.
    pub(super) fn lower(&mut self, now: Timestamp) {
        if self.was_lowered_within(ROUND, now) {
            return;
        }
        let is_soon = self.was_lowered_within(SHARED_WITHIN, now);
        self.yields = if is_soon { self.yields + 1 } else { 0 };
        if self.yields > MOST_YIELDS && self.unrelated_until.is_none() {
            self.measured = None;
            self.unrelated_until = now.saturating_add(UNRELATED_FOR).ok();
        }
        if self.unrelated_until.is_some() {
            self.rate = Some(self.at_least_slowest(self.rate.unwrap_or(FIRST_RATE) / 2.0));
        } else {
            self.measure(is_soon, now);
        }
        self.admitted = Admitted::since(now);
        self.lowered = Some(now);
    }

    /// Takes what was admitted as the service's rate, and halves the rate.
    fn measure(&mut self, is_soon: bool, now: Timestamp) {
        let admitted = self.admitted.rate(now);
        // Less than half was admitted only if the rate was not used.
        let mut measured = match self.rate {
            Some(rate) => admitted.clamp(rate / 2.0, rate),
            None => admitted.max(FIRST_RATE),
        };
        match is_soon {
            true if self.is_settled => measured *= YIELDED_SHARE,
            true => {}
            false => self.is_settled = self.lowered.is_some(),
        }
        self.measured = Some(self.at_least_slowest(measured));
        self.rate = Some(self.at_least_slowest(measured / 2.0));
    }

    fn was_lowered_within(&self, time: SignedDuration, now: Timestamp) -> bool {
        let since = self.lowered.map(|last| last.duration_until(now));
        since.is_some_and(|since| since >= SignedDuration::ZERO && since < time)
    }

    fn at_least_slowest(&self, rate: f64) -> f64 {
        rate.max(self.max_rate.unwrap_or(SLOWEST_RATE).min(SLOWEST_RATE))
    }

    /// Learns that a call was admitted.
    pub(super) fn raise(&mut self, now: Timestamp) {
        if self.unrelated_until.is_some_and(|until| until <= now) {
            self.unrelated_until = None;
            self.yields = 0;
            self.is_settled = false;
            self.admitted = Admitted::since(now);
        }
        self.admitted.count(self.rate.is_none(), now);
        let Some(rate) = self.rate else { return };
        let (raised, unlimited) = match self.measured {
            Some(measured) => (raised_around(measured, rate), UNLIMITED_RATE),
            None => (rate + UNRELATED_RECOVERY, UNRELATED_UNLIMITED_RATE),
        };
        match self.max_rate {
            Some(max_rate) => self.rate = Some(raised.min(max_rate)),
            None if raised > unlimited => {
                self.rate = None;
                self.measured = None;
            }
            None => self.rate = Some(raised),
        }
    }
}

/// The rate after an answer: quickly to just below the measured one, and slowly above that.
fn raised_around(measured: f64, rate: f64) -> f64 {
    let safe = measured * SAFE_SHARE;
    if rate < safe {
        return (rate + measured / RECOVERY_ANSWERS).min(safe);
    }
    let excess = (rate / measured - OUTDATED_SHARE).max(0.0);
    rate + PROBE + PROBE_GROWTH * excess
}
