//! Athena's answers about an export are those of the reader of its files.

#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_patch_manager::athena::{AthenaExport, AthenaQueries, AthenaQuery, ExportQuestions};
use aws_patch_manager::compliance::{
    ComplianceReport, DeadlineRule, DeadlineState, Deadlines, NonCompliantKind, ReportDetail,
    Verdict,
};
use aws_patch_manager::data_sync::ResourceDataSync;
use aws_patch_manager::data_sync::object_store::memory::InMemory;
use aws_patch_manager::exposure::{ExposureQuery, ExposureReference};
use aws_patch_manager::plan::MirrorScope;
use aws_patch_manager::resource_data_sync::ResourceDataSyncS3Destination;
use aws_patch_manager::types::NodeId;
use aws_patch_manager::{ComplianceQuery, ErrorKind, ManualClock, PatchGroup, PatchManager};
use futures_util::StreamExt;
use jiff::{Timestamp, ToSpan};
use serde_json::{Map, Value, json};
use support::duckdb::{DuckDb, tables};
use support::environment::cases;
use support::export::{key, put};
use support::values::{Draw, at, fields};

/// Two hundred take minutes: the variable `ATHENA_EXPORTS` asks for them.
const EXPORTS: u64 = 50;

/// The patches that nodes report: id, severity, classification and CVEs.
const PATCHES: [(&str, &str, &str, &str); 6] = [
    ("KB5034770", "Critical", "SecurityUpdates", "CVE-2026-90101"),
    ("KB5034123", "Important", "SecurityUpdates", ""),
    ("KB5030211", "", "Updates", ""),
    ("openssl.x86_64", "Important", "Security", "CVE-2026-90122"),
    (
        "kernel.x86_64",
        "Critical",
        "Security",
        "CVE-2026-90121,CVE-2026-90122",
    ),
    ("it's 100% \\ \"odd\"", "Low", "Bugfix", ""),
];

fn now() -> Timestamp {
    at("2026-05-14T12:00:00Z")
}

/// A random export: its files by key, and its nodes.
#[derive(Default)]
struct Export {
    files: BTreeMap<String, String>,
    nodes: Vec<NodeId>,
}

impl Export {
    fn random(draw: &mut Draw) -> Self {
        let mut export = Self::default();
        for account in 0..=draw.below(2) {
            for region in ["eu-central-1", "us-east-1"] {
                for _ in 0..1 + draw.below(5) {
                    let account = format!("{:012}", 111_122_223_333 + account);
                    export.add_node(draw, &account, region);
                }
            }
        }
        export
    }

    fn add_node(&mut self, draw: &mut Draw, account: &str, region: &str) {
        let prefix = ["i", "mi"][draw.below(2) as usize];
        let node = format!("{prefix}-{:017x}", self.nodes.len());
        let items = items(draw);
        let has_summary = draw.below(5) > 0;
        let mut kinds = Vec::new();
        if !has_summary || draw.below(6) > 0 {
            kinds.push(("AWS:InstanceInformation", vec![information(draw)]));
        }
        if has_summary {
            kinds.push(("AWS:PatchSummary", summaries(draw, &items)));
        }
        if draw.below(12) > 0 {
            kinds.push(("AWS:ComplianceItem", items));
        }
        for (kind, rows) in kinds {
            let lines = rows.into_iter().map(|row| line(draw, &node, row));
            let text = lines.collect::<Vec<_>>().join("\n");
            self.files.insert(key(kind, account, region, &node), text);
        }
        self.nodes.push(node.into());
    }

    async fn reader(&self) -> ResourceDataSync {
        let store = Arc::new(InMemory::new());
        for (key, text) in &self.files {
            put(store.as_ref(), key, std::slice::from_ref(text)).await;
        }
        ResourceDataSync::new(store).clock(Arc::new(ManualClock::new(now())))
    }
}

type Members = Map<String, Value>;

fn members(value: Value) -> Members {
    let Value::Object(members) = value else {
        panic!("{value} is no object")
    };
    members
}

fn one_of<'a>(draw: &mut Draw, of: &[&'a str]) -> &'a str {
    of[draw.below(of.len() as u64) as usize]
}

/// A row as a data sync writes it; the case of its names varies.
fn line(draw: &mut Draw, node: &str, members: Members) -> String {
    let lower = draw.below(3) == 0;
    let mut row: Members = members
        .into_iter()
        .map(|(name, value)| match lower {
            true => (name.to_lowercase(), value),
            false => (name, value),
        })
        .collect();
    row.insert("resourceId".to_owned(), json!(node));
    row.insert("captureTime".to_owned(), json!("2026-05-14T01:00:00Z"));
    row.insert("schemaVersion".to_owned(), json!("1.0"));
    Value::Object(row).to_string()
}

fn information(draw: &mut Draw) -> Members {
    let mut row = members(json!({
        "ComputerName": one_of(draw, &["web-1", "", "it's \\ \"quoted\""]),
        "PlatformName": "Amazon Linux", "PlatformType": "Linux", "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
    }));
    let statuses = [
        "Active",
        "Active",
        "Stopped",
        "Terminated",
        "ConnectionLost",
        "",
        "absent",
    ];
    match one_of(draw, &statuses) {
        "absent" => {}
        status => drop(row.insert("InstanceStatus".to_owned(), json!(status))),
    }
    row
}

/// The items of a node: an association's, patches in every state, and now and then a broken row.
fn items(draw: &mut Draw) -> Vec<Members> {
    let mut rows = vec![members(json!({
        "ComplianceType": "Association", "Id": "5f1d6a3e", "PatchState": "Missing",
    }))];
    for (id, severity, classification, cves) in PATCHES {
        let states = [
            "Missing",
            "Failed",
            "Installed",
            "InstalledOther",
            "NotApplicable",
            "",
        ];
        // The reader of files reads each line with a backslash, whatever it is about.
        let can_break = draw.below(30) == 0 && !id.contains('\\');
        let state = one_of(draw, &states[..if can_break { 6 } else { 5 }]);
        if draw.below(2) == 0 {
            continue;
        }
        let mut row = members(json!({
            "ComplianceType": "Patch", "Id": id, "Title": format!("{id} of May"),
            "PatchSeverity": severity, "Classification": classification, "PatchState": state,
        }));
        if state == "Installed" {
            row.insert("InstalledTime".to_owned(), json!("2026-05-01T00:00:00Z"));
        }
        if !cves.is_empty() && draw.below(4) > 0 {
            row.insert("CVEIds".to_owned(), json!(cves));
        }
        rows.push(row);
    }
    rows
}

/// The summaries of a node, of which the newest counts.
fn summaries(draw: &mut Draw, items: &[Members]) -> Vec<Members> {
    let count = |state: &str| {
        let patches = items.iter().filter(|row| row["ComplianceType"] == "Patch");
        patches.filter(|row| row["PatchState"] == state).count()
    };
    let hour = 10 + draw.below(10);
    let mut newest = members(json!({
        "PatchGroup": one_of(draw, &["", "web", "db", "web"]),
        "BaselineId": "pb-0123456789abcdef0",
        "SnapshotId": "2b3a7e36-2d2b-4c2f-9a0a-6a3e0c4e41f7",
        "OperationType": one_of(draw, &["Scan", "Install"]),
        "OperationStartTime": format!("2026-05-{:02}T{hour}:00:00Z", 1 + draw.below(13)),
        "MissingCount": count("Missing").to_string(), "FailedCount": count("Failed").to_string(),
        "InstalledCount": count("Installed"), "InstalledOtherCount": "",
    }));
    let start = newest["OperationStartTime"].as_str().unwrap();
    let end = start.replace(":00:00Z", ":05:00Z");
    newest.insert("OperationEndTime".to_owned(), json!(end));
    for name in [
        "InstalledPendingRebootCount",
        "InstalledRejectedCount",
        "CriticalNonCompliantCount",
        "SecurityNonCompliantCount",
        "OtherNonCompliantCount",
        "AvailableSecurityUpdateCount",
    ] {
        match draw.below(6) {
            0 => drop(newest.insert(name.to_owned(), json!("1"))),
            1 => {}
            2 => drop(newest.insert(name.to_owned(), json!(""))),
            _ => drop(newest.insert(name.to_owned(), json!("0"))),
        }
    }
    match draw.below(40) {
        0 => drop(newest.remove("MissingCount")),
        1 => drop(newest.insert("BaselineId".to_owned(), json!(""))),
        2 => drop(newest.insert("FailedCount".to_owned(), json!("many"))),
        3 => drop(newest.insert("OtherNonCompliantCount".to_owned(), json!("-1"))),
        4 => drop(newest.insert("OperationEndTime".to_owned(), json!("yesterday"))),
        5 => drop(newest.insert("OperationEndTime".to_owned(), json!("2026-05-32T00:00:00Z"))),
        6 => drop(newest.insert("OperationStartTime".to_owned(), json!("2026-05-01"))),
        7 => {
            let name = "LastNoRebootInstallOperationTime";
            let at = one_of(draw, &["2026-05-01T00:00:00.5Z", "never", ""]);
            newest.insert(name.to_owned(), json!(at));
        }
        8 => drop(newest.insert("UnreportedNotApplicableCount".to_owned(), json!("some"))),
        _ => {}
    }
    let mut older = newest.clone();
    older.insert("OperationEndTime".to_owned(), json!("2026-04-01T00:05:00Z"));
    older.insert("MissingCount".to_owned(), json!("77"));
    older.insert("PatchGroup".to_owned(), json!("old"));
    match draw.below(8) {
        0 => vec![older, newest],
        1 => vec![newest, older],
        _ => vec![newest],
    }
}

fn questions(nodes: &[NodeId]) -> Vec<ComplianceQuery> {
    let all = ComplianceQuery::all;
    let unknown = NodeId::new("i-0000000000000beef");
    let named = ComplianceQuery::nodes(nodes.iter().step_by(2).cloned().chain([unknown]));
    let week = Duration::from_hours(7 * 24);
    let group = || ComplianceQuery::group(PatchGroup::new("web").unwrap());
    vec![
        all(),
        all().offline_is_unknown().max_age(week),
        all().verdict(Verdict::Compliant),
        all().verdict(Verdict::NonCompliant).max_age(week),
        all().verdict(Verdict::Unknown),
        all().kind(NonCompliantKind::Critical),
        all().kind(NonCompliantKind::Other).missing_only(),
        named.clone(),
        named.offline_is_unknown().verdict(Verdict::NonCompliant),
        group(),
        group().missing_only().verdict(Verdict::NonCompliant),
    ]
}

/// A report without the texts of its errors: those of files name lines. Only where they are is
/// compared.
fn without_texts(report: &ComplianceReport) -> (Value, BTreeMap<String, BTreeSet<String>>) {
    let mut failures: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for failure in &report.failures {
        let of = format!("{} {}", failure.source, failure.part);
        failures
            .entry(of)
            .or_default()
            .extend(failure.nodes.iter().cloned());
    }
    let mut report = report.clone();
    report.failures.clear();
    for node in &mut report.nodes {
        let is_unread = failures.values().any(|nodes| nodes.contains(&node.node));
        if is_unread && node.baseline.is_empty() {
            node.reason = "not answered".to_owned();
        }
        if !node.unread.is_empty() {
            node.unread = "unread".to_owned();
        }
    }
    (serde_json::to_value(&report).unwrap(), failures)
}

fn athena(duckdb: &Arc<DuckDb>) -> AthenaExport {
    let queries: Arc<dyn AthenaQueries> = Arc::<DuckDb>::clone(duckdb);
    AthenaExport::new(queries, tables()).clock(Arc::new(ManualClock::new(now())))
}

fn deadlines() -> Deadlines {
    let web = PatchGroup::new("web").unwrap();
    Deadlines::new()
        .critical(7)
        .severity("Important", 14)
        .rule(DeadlineRule::new(20).classification("Security").group(web))
        .otherwise(30)
}

/// The release dates of some patches.
fn released() -> BTreeMap<String, Timestamp> {
    let days = [("KB5034770", 8), ("openssl.x86_64", 19), (PATCHES[5].0, 31)];
    let hours = |days: i64| (now() - (days * 24).hours()).to_owned();
    days.map(|(id, days)| (id.to_owned(), hours(days))).into()
}

async fn reports(seed: u64, export: &Export, duckdb: &Arc<DuckDb>) -> ComplianceReport {
    let reader = export.reader().await;
    // Every question of a quarter of the exports, in turn, and the first of all.
    let asked = |index: u64| index == 0 || (index + seed).is_multiple_of(4);
    for (_, query) in (0..)
        .zip(questions(&export.nodes))
        .filter(|(index, _)| asked(*index))
    {
        let files = reader.compliance_report("Fleet", &query, ReportDetail::Patches);
        let files = files.await.unwrap();
        let asked = athena(duckdb);
        let asked = asked.compliance_report("Fleet", &query, ReportDetail::Patches);
        let asked = asked.await.unwrap();
        assert_eq!(
            without_texts(&asked),
            without_texts(&files),
            "seed {seed}: {query}"
        );
    }
    // A selection of an account and Region.
    let account = "111122223333";
    let reader = reader.account(account).region("us-east-1");
    let athena = athena(duckdb).account(account).region("us-east-1");
    let (all, detail) = (ComplianceQuery::all(), ReportDetail::Patches);
    let files = reader.compliance_report("One", &all, detail).await.unwrap();
    let asked = athena.compliance_report("One", &all, detail).await.unwrap();
    assert_eq!(without_texts(&asked), without_texts(&files), "seed {seed}");
    let reader = export.reader().await;
    reader.compliance_report("All", &all, detail).await.unwrap()
}

async fn exposures(seed: u64, export: &Export, duckdb: &Arc<DuckDb>, known: &ExposureReference) {
    let cves = ["CVE-2026-90121", "CVE-2026-90122"];
    let query = ExposureQuery::new(cves, ComplianceQuery::all());
    let files = export.reader().await.exposure(&query, known).await.unwrap();
    let asked = athena(duckdb).exposure(&query, known).await.unwrap();
    let states = |exposure: &aws_patch_manager::exposure::Exposure| -> BTreeSet<String> {
        let nodes = exposure.nodes.iter();
        nodes
            .map(|node| format!("{} {} {:?}", node.source, node.node, node.state))
            .collect()
    };
    assert_eq!(states(&asked), states(&files), "seed {seed}");
    if files.failures.is_empty() {
        // A file has its rows in any order, and Athena by the id of the patch.
        let in_order = |mut exposure: aws_patch_manager::exposure::Exposure| {
            for node in &mut exposure.nodes {
                node.reasons.sort();
                node.fixes
                    .sort_by_key(|fix| (fix.cve.clone(), fix.patch.clone()));
            }
            exposure
        };
        assert_eq!(in_order(asked), in_order(files), "seed {seed}");
    }
}

/// Overdue patches as text: source, node, id and the end of the deadline.
async fn overdue(seed: u64, mut report: ComplianceReport, duckdb: &Arc<DuckDb>) -> usize {
    let released = released();
    for patch in &mut report.missing_patches {
        patch.released = released.get(&patch.id).copied();
    }
    let judged = report.deadlines(&deadlines()).unwrap();
    let nodes = judged.nodes.iter().flat_map(|node| {
        let overdue = node.patches.iter();
        let overdue = overdue.filter(|patch| patch.state == DeadlineState::Overdue);
        overdue.map(|patch| {
            (
                node.source.clone(),
                node.node.clone(),
                patch.id.clone(),
                patch.due,
            )
        })
    });
    let files: BTreeSet<_> = nodes.collect();
    let all = ComplianceQuery::all();
    let asked = athena(duckdb)
        .overdue_patches(&all, &deadlines(), &released)
        .await
        .unwrap();
    let rows = asked.iter().map(|one| {
        let node = one.node.to_string();
        (one.source.clone(), node, one.id.clone(), Some(one.due))
    });
    assert_eq!(rows.collect::<BTreeSet<_>>(), files, "seed {seed}");
    assert_eq!(asked.len(), files.len(), "seed {seed}");
    files.len()
}

#[tokio::test]
async fn athena_answers_every_question_as_the_files_do() {
    let Some(duckdb) = DuckDb::start().map(Arc::new) else {
        return;
    };
    let manager = PatchManager::in_memory();
    let scope = MirrorScope::new().catalog();
    let known = ExposureReference::from(&manager.mirror_snapshot(&scope).await.unwrap());
    let (mut late, mut unread, mut non_compliant) = (0, 0, 0);
    for seed in 1..=cases("ATHENA_EXPORTS", EXPORTS) {
        let export = Export::random(&mut Draw(0x9e37_79b9_7f4a_7c15 ^ (seed << 17)));
        duckdb.load(&export.files);
        let report = reports(seed, &export, &duckdb).await;
        exposures(seed, &export, &duckdb, &known).await;
        let groups = athena(&duckdb).group_totals().await.unwrap();
        assert_eq!(groups, report.by_group, "seed {seed}");
        unread += report.failures.len();
        non_compliant += report.totals.non_compliant;
        late += overdue(seed, report, &duckdb).await;
    }
    // The exports have what the questions are about.
    assert!(
        late > 100 && unread > 100 && non_compliant > 100,
        "{late} {unread} {non_compliant}"
    );
}

/// Every statement, and every query of some questions.
#[test]
fn every_statement_is_one_of_athenas_dialect() {
    let Some(duckdb) = DuckDb::start() else {
        return;
    };
    let mut bucket = ResourceDataSyncS3Destination::new("amzn-s3-demo-bucket", "eu-central-1");
    bucket.prefix = Some("its \"odd\"/inventory; --".to_owned());
    for statement in tables().create_statements(&bucket).unwrap() {
        assert_eq!(duckdb.parse(&statement), "Create", "{statement}");
    }
    for statement in tables().repair_statements().unwrap() {
        assert_eq!(duckdb.parse(&statement), "Command", "{statement}");
    }
    let questions_of = ExportQuestions::new(tables()).account("111122223333");
    for query in questions(&["i-0c0ffee0000000001".into()]) {
        let queries: [Vec<AthenaQuery>; 4] = [
            questions_of.nodes(&query).unwrap(),
            questions_of.missing_patches(&query).unwrap(),
            questions_of.patches_about(&query, ["CVE-2026-1"]).unwrap(),
            questions_of
                .overdue_patches(&query, &deadlines(), &released(), now())
                .unwrap(),
        ];
        for query in queries.into_iter().flatten() {
            assert_eq!(duckdb.parse(&query.sql), "Select", "{}", query.sql);
        }
    }
    let totals = questions_of.group_totals().unwrap();
    assert_eq!(duckdb.parse(&totals.sql), "Select");
}

/// A value is a value, whatever it has in it.
#[tokio::test]
async fn no_value_ends_a_literal() {
    let Some(duckdb) = DuckDb::start() else {
        return;
    };
    let export = Export::random(&mut Draw(7));
    duckdb.load(&export.files);
    let questions = ExportQuestions::new(tables());
    let all = ComplianceQuery::all();
    for evil in [
        "' OR '1' = '1",
        "'; DROP TABLE \"patching\".\"aws_tag\"; --",
        "\\' OR 1 = 1 --",
        "'' OR 1 = 1 /*",
        "x') OR (1 = 1",
        "line\nbreak' OR 1=1 --",
    ] {
        let about = questions.patches_about(&all, [evil]).unwrap();
        let due = [(evil.to_owned(), Timestamp::UNIX_EPOCH)].into();
        let overdue = questions.overdue_patches(&all, &deadlines(), &due, Timestamp::UNIX_EPOCH);
        for query in about.into_iter().chain(overdue.unwrap()) {
            assert_eq!(duckdb.parse(&query.sql), "Select", "{evil}");
            let rows: Vec<_> = duckdb.rows(query).collect().await;
            assert!(rows.is_empty(), "{evil}: {rows:?}");
        }
    }
    // A literal that holds them finds them.
    let odd = PATCHES[5].0.to_owned();
    let queries = questions.patches_about(&all, [odd]).unwrap();
    let mut rows = Vec::new();
    for query in queries {
        rows.extend(duckdb.rows(query).collect::<Vec<_>>().await);
    }
    assert!(!rows.is_empty());
}

/// Names and selections are checked before any query, with all violations.
#[tokio::test]
async fn what_is_malformed_is_refused_before_any_query() {
    let names = aws_patch_manager::athena::ExportTables::new("a\"; --");
    let questions = ExportQuestions::new(names).account("1' OR 1").region("'x");
    let query = ComplianceQuery::nodes(["i-1' OR 1"]);
    let refused = questions.nodes(&query).unwrap_err();
    let fields = fields(&refused);
    assert_eq!(
        fields,
        ["Database", "accountid", "region", "InstanceIds[0]"]
    );
    let other = ComplianceQuery::all().other_baseline_is_unknown();
    let tagged = ComplianceQuery::tagged(PatchGroup::new("web").unwrap());
    for query in [other, tagged] {
        let refused = ExportQuestions::new(tables()).nodes(&query).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{query}");
    }
    let ids: Vec<String> = (0..9_000).map(|n| format!("CVE-2026-{n:05}")).collect();
    let refused = ExportQuestions::new(tables()).patches_about(&ComplianceQuery::all(), ids);
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    let many = (0..12_000).map(|n| format!("i-{n:017x}"));
    let queries = ExportQuestions::new(tables()).nodes(&ComplianceQuery::nodes(many));
    assert_eq!(queries.unwrap().len(), 3);
}
