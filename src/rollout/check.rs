//! What is refused before any call.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::state::SNAPSHOT_LIFE;
use super::{CompliantNodes, FrozenPatches, LimitPer, NodeSet, Rollout, Wave, WaveNodes};
use crate::error::{Result, Violations};
use crate::operation::PatchParameters;
use crate::types::{NodeId, PatchOperation};

/// The comment of a command has at most 78 characters (see `PatchRequest::comment` and the request
/// marker of the adapter). 38 of them are the id and the numbers.
const LONGEST_NAME: usize = 40;
const MOST_WAVES: usize = 99;

impl Rollout {
    /// Checks everything that can be known without a call.
    ///
    /// ```
    /// use std::time::Duration;
    /// use aws_patch_manager::rollout::{Gate, Rollout, Wave};
    ///
    /// let wrong = Rollout::new("june")
    ///     .wave(Wave::share("canary", 5).gate(Gate::new(0)))
    ///     .wave(Wave::share("early", 25))
    ///     .check();
    /// let wrong = wrong.err().ok_or("it was accepted")?;
    /// let fields: Vec<&str> = wrong.violations().iter().map(|one| one.field.as_str()).collect();
    /// assert_eq!(fields, ["Waves[0].Gate.SucceededPercent", "Target", "Waves"]);
    /// println!("{wrong}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) with all violations at once.
    pub fn check(&self) -> Result<()> {
        self.check_from(None)
    }

    /// The same, for a rollout that begins at this instant.
    pub(super) fn check_from(&self, now: Option<Timestamp>) -> Result<()> {
        let mut found = Violations::new();
        let length = self.name.chars().count();
        found.require(
            (1..=LONGEST_NAME).contains(&length) && !has_control(&self.name),
            "Name",
            &self.name,
            "1 to 40 characters, none of them a control character",
        );
        found.require(
            (1..=MOST_WAVES).contains(&self.waves.len()),
            "Waves",
            self.waves.len(),
            "1 to 99 waves",
        );
        if let Some(target) = &self.target {
            check_set(target, "Target", &mut found);
        }
        let mut names = BTreeSet::new();
        for (at, wave) in self.waves.iter().enumerate() {
            let field = format!("Waves[{at}]");
            let unique = !wave.name.is_empty() && names.insert(wave.name.as_str());
            let legal = "a name that no other wave has, without control characters";
            let is_legal = unique && !has_control(&wave.name);
            found.require(is_legal, format!("{field}.Name"), &wave.name, legal);
            self.check_wave(wave, &field, &mut found);
        }
        self.check_shares(&mut found);
        self.check_overlap(&mut found);
        self.check_order(&mut found);
        self.check_limit(&mut found);
        self.check_patches(now, &mut found);
        found.or("Rollout", ())
    }

    fn check_wave(&self, wave: &Wave, field: &str, found: &mut Violations) {
        let zero = SignedDuration::ZERO;
        let percent = wave.gate.succeeded_percent;
        found.require(
            (1..=100).contains(&percent),
            format!("{field}.Gate.SucceededPercent"),
            percent,
            "1 to 100 percent",
        );
        if let WaveNodes::Set(set) = &wave.nodes {
            check_set(set, &format!("{field}.Nodes"), found);
        }
        if let CompliantNodes::Nodes(nodes) = &wave.gate.compliant {
            let own: Option<BTreeSet<&NodeId>> = match &wave.nodes {
                WaveNodes::Set(NodeSet::Nodes(own)) => Some(own.iter().collect()),
                _ => None,
            };
            for node in nodes {
                let legal = match &own {
                    Some(own) => own.contains(node),
                    None => node.is_well_formed(),
                };
                let field = format!("{field}.Gate.Compliant");
                found.require(legal, field, node, "a node of the wave");
            }
        }
        found.require(
            wave.time_limit > zero,
            format!("{field}.TimeLimit"),
            wave.time_limit,
            "longer than nothing",
        );
        let within = wave.gate.online_within.unwrap_or_default();
        for (name, duration) in [
            ("Bake", wave.bake),
            ("Window.Cutoff", wave.window.cutoff),
            ("Gate.OnlineWithin", within),
        ] {
            let legal = "no negative duration";
            found.require(duration >= zero, format!("{field}.{name}"), duration, legal);
        }
        let Some(length) = wave.window.length() else {
            return;
        };
        found.require(
            length > zero,
            format!("{field}.Window"),
            length,
            "an end after its start",
        );
        found.require(
            length <= zero || wave.window.cutoff < length,
            format!("{field}.Window.Cutoff"),
            wave.window.cutoff,
            "shorter than the window",
        );
        found.require(
            length <= zero || wave.bake <= length,
            format!("{field}.Bake"),
            wave.bake,
            format!("at most the length of the wave's window, {length}"),
        );
    }

    /// Shares and the rest make up the target.
    fn check_shares(&self, found: &mut Violations) {
        let nodes = || self.waves.iter().map(|wave| &wave.nodes);
        let shares: Vec<u32> = nodes()
            .filter_map(|nodes| match nodes {
                WaveNodes::Share(percent) => Some(u32::from(*percent)),
                _ => None,
            })
            .collect();
        let rests = nodes().filter(|nodes| **nodes == WaveNodes::Rest).count();
        let sets = self.waves.len() - shares.len() - rests;
        if shares.is_empty() && rests == 0 {
            return;
        }
        let legal = "must be given: the nodes that the waves share";
        found.require(self.target.is_some(), "Target", "", legal);
        for (at, nodes) in nodes().enumerate() {
            let field = format!("Waves[{at}].Nodes");
            match nodes {
                WaveNodes::Share(percent) => {
                    let legal = "a share of 1% to 100%";
                    let told = format_args!("{percent}%");
                    found.require((1..=100).contains(percent), field, told, legal);
                }
                WaveNodes::Rest => {
                    let is_last = at + 1 == self.waves.len();
                    found.require(is_last, field, "Rest", "the last wave has the rest");
                }
                WaveNodes::Set(_) => {}
            }
        }
        let sum: u32 = shares.iter().sum();
        let (holds, legal) = match (rests, sets) {
            (0, 0) => (
                sum == 100,
                "shares of 100% in total, or a last wave of the rest",
            ),
            (0, _) => (
                false,
                "a last wave of the rest, besides waves of sets of their own",
            ),
            _ => (
                sum < 100,
                "shares of less than 100% in total, besides a wave of the rest",
            ),
        };
        found.require(holds, "Waves", format_args!("{sum}%"), legal);
    }

    /// What overlaps by its own words. What overlaps by its nodes is found when they are.
    fn check_overlap(&self, found: &mut Violations) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (at, wave) in self.waves.iter().enumerate() {
            let WaveNodes::Set(set) = &wave.nodes else {
                continue;
            };
            for part in parts(set) {
                let field = format!("Waves[{at}].Nodes");
                if let Some(other) = seen.get(&part) {
                    let legal = format!("in one wave only; the wave `{other}` has it");
                    found.push(field, part, legal);
                } else {
                    seen.insert(part, &wave.name);
                }
            }
        }
    }

    /// Each wave can still start in its window when the one before it is over.
    fn check_order(&self, found: &mut Violations) {
        for (at, pair) in self.waves.windows(2).enumerate() {
            let [wave, next] = pair else { continue };
            let opens = wave.window.not_before;
            let (Some(opens), Some(last)) = (opens, next.window.last_start()) else {
                continue;
            };
            let over = opens.saturating_add(wave.bake).unwrap_or(last);
            found.require(
                over < last,
                format!("Waves[{}].Window.NotAfter", at + 1),
                last,
                format!(
                    "a window in which the wave can start after the wave `{}`: not before {over}",
                    wave.name
                ),
            );
        }
    }

    fn check_limit(&self, found: &mut Violations) {
        let Some(limit) = &self.limit else { return };
        let is_legal = (1..=9_999_999).contains(&limit.nodes);
        found.require(is_legal, "Limit.Nodes", limit.nodes, "1 to 9,999,999");
        if let LimitPer::Tag(key) = &limit.per {
            found.require(!key.is_empty(), "Limit.Per", key, "the key of a tag");
        }
    }

    fn check_patches(&self, now: Option<Timestamp>, found: &mut Violations) {
        self.parameters(None).check(found);
        match &self.patches {
            FrozenPatches::Snapshot => {
                let span = self.shortest_span(now);
                found.require(
                    span <= SNAPSHOT_LIFE,
                    "Patches",
                    format_args!("Snapshot, over at least {span}"),
                    "another form of frozen patches: the last wave starts more than 3 days after \
                     the first one, and the service keeps a snapshot for 3 days",
                );
            }
            FrozenPatches::BaselineOverride { .. } => {
                for (at, wave) in self.waves.iter().enumerate() {
                    found.require(
                        wave.gate.compliant == CompliantNodes::None,
                        format!("Waves[{at}].Gate.Compliant"),
                        "with BaselineOverride",
                        "no demand: a run with a baseline override reports no compliance",
                    );
                }
            }
            _ => {}
        }
    }

    /// The shortest time between the starts of the first and of the last wave.
    fn shortest_span(&self, now: Option<Timestamp>) -> SignedDuration {
        let mut span = SignedDuration::ZERO;
        let opens = |wave: &Wave| wave.window.not_before;
        let first = self.waves.first().and_then(|wave| {
            let window = &wave.window;
            window.last_start().or(window.not_before).or(now)
        });
        let mut over = SignedDuration::ZERO;
        for wave in &self.waves {
            let opens = first.zip(opens(wave));
            let opens = opens.map(|(first, opens)| first.duration_until(opens));
            span = over.max(opens.unwrap_or_default());
            over = span.saturating_add(wave.bake);
        }
        span
    }

    /// The parameters of every command.
    pub(super) fn parameters(&self, snapshot: Option<String>) -> PatchParameters {
        let mut parameters = PatchParameters::new(PatchOperation::Install);
        parameters.reboot.clone_from(&self.reboot);
        parameters.snapshot_id = snapshot;
        match &self.patches {
            FrozenPatches::BaselineOverride { url } => {
                parameters.baseline_override = Some(url.clone());
            }
            FrozenPatches::InstallOverrideList { url } => {
                parameters.install_override_list = Some(url.clone());
            }
            FrozenPatches::Snapshot | FrozenPatches::RegisteredBaselines => {}
        }
        parameters
    }
}

fn has_control(name: &str) -> bool {
    name.contains(char::is_control)
}

fn check_set(set: &NodeSet, field: &str, found: &mut Violations) {
    match set {
        NodeSet::PatchGroup(group) => found.identifier(group),
        NodeSet::Tag { key, values } => {
            let legal = "a key, and 1 to 50 values";
            let is_legal = !key.is_empty() && (1..=50).contains(&values.len());
            found.require(is_legal, field, key, legal);
        }
        NodeSet::Nodes(nodes) => {
            found.require(!nodes.is_empty(), field, "", "at least one node");
            let mut seen = BTreeSet::new();
            for (at, node) in nodes.iter().enumerate() {
                let field = format!("{field}[{at}]");
                found.require(node.is_well_formed(), &field, node, NodeId::LEGAL);
                found.require(seen.insert(node), field, node, "each node once");
            }
        }
    }
}

/// What a set names, each once.
fn parts(set: &NodeSet) -> BTreeSet<String> {
    match set {
        NodeSet::PatchGroup(_) => BTreeSet::from([set.to_string()]),
        NodeSet::Tag { key, values } => {
            let values = values.iter();
            values.map(|value| format!("tag {key} = {value}")).collect()
        }
        NodeSet::Nodes(nodes) => nodes.iter().map(ToString::to_string).collect(),
    }
}
