//! The questions, as SQL over the tables of an export.
//!
//! Athena only selects: the rows come back as texts, and the code that reads the files of an export
//! judges them. So a condition may let through more rows than the question is about, never fewer; in
//! particular it lets through each row that cannot be read, because a report lists it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::sql::{AthenaQuery, count, identifier, present, text, texts};
use super::tables::ExportTables;
use crate::compliance::{ComplianceQuery, ComplianceScope, Deadlines, NonCompliantKind, Verdict};
use crate::error::{Result, Violations};
use crate::export::{InventoryType, check_answerable, check_selection};
use crate::types::NodeId;

/// How many ids of nodes a query names.
const IDS: usize = 5_000;

/// What identifies a node.
const KEYS: [&str; 3] = ["accountid", "region", "resourceid"];

/// What is read of `AWS:InstanceInformation`.
const INFORMATION: [&str; 5] = [
    "computername",
    "platformtype",
    "platformname",
    "platformversion",
    "instancestatus",
];

/// What is read of `AWS:PatchSummary`.
const SUMMARY: [&str; 22] = [
    "patchgroup",
    "baselineid",
    "snapshotid",
    "ownerinformation",
    "installoverridelist",
    "rebootoption",
    "operationtype",
    "operationstarttime",
    "operationendtime",
    "lastnorebootinstalloperationtime",
    "missingcount",
    "failedcount",
    "installedcount",
    "installedothercount",
    "installedpendingrebootcount",
    "installedrejectedcount",
    "notapplicablecount",
    "unreportednotapplicablecount",
    "availablesecurityupdatecount",
    "criticalnoncompliantcount",
    "securitynoncompliantcount",
    "othernoncompliantcount",
];

/// Which of its tables have rows of a node.
const HAS: [&str; 3] = ["hasinformation", "hassummary", "hasitems"];

/// What is read of `AWS:ComplianceItem`.
const ITEM: [&str; 8] = [
    "compliancetype",
    "id",
    "title",
    "classification",
    "patchseverity",
    "patchstate",
    "installedtime",
    "cveids",
];

/// The counts that decide about a verdict.
const DECISIVE: [&str; 7] = [
    "missingcount",
    "failedcount",
    "installedpendingrebootcount",
    "installedrejectedcount",
    "criticalnoncompliantcount",
    "securitynoncompliantcount",
    "othernoncompliantcount",
];

/// The counts of a summary that are numbers of 32 bits.
const COUNTS: [&str; 11] = [
    "missingcount",
    "failedcount",
    "installedcount",
    "installedothercount",
    "notapplicablecount",
    "installedpendingrebootcount",
    "installedrejectedcount",
    "availablesecurityupdatecount",
    "criticalnoncompliantcount",
    "securitynoncompliantcount",
    "othernoncompliantcount",
];

/// What a summary must have.
const REQUIRED: [&str; 6] = [
    "baselineid",
    "operationtype",
    "operationstarttime",
    "operationendtime",
    "missingcount",
    "failedcount",
];

/// The instants that a summary must have.
const INSTANTS: [&str; 2] = ["operationstarttime", "operationendtime"];

/// The questions about an export, as SQL in Athena's dialect.
///
/// Each method is one question. [`AthenaExport`](super::AthenaExport) asks them and reads the answers;
/// use this type to look at a query, or to run it yourself. Values are literals with their quotes
/// doubled, and names are checked: no value of a question can end a literal.
///
/// ```
/// use aws_patch_manager::ComplianceQuery;
/// use aws_patch_manager::athena::{ExportQuestions, ExportTables};
/// use aws_patch_manager::compliance::Verdict;
///
/// let questions = ExportQuestions::new(ExportTables::new("patching")).account("111122223333");
/// let query = ComplianceQuery::all().verdict(Verdict::NonCompliant);
/// for query in questions.nodes(&query)? {
///     println!("{}", query.sql);
/// }
/// # Ok::<(), aws_patch_manager::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct ExportQuestions {
    tables: ExportTables,
    accounts: Vec<String>,
    regions: Vec<String>,
}

impl ExportQuestions {
    /// Questions over these tables, about every account and Region.
    pub fn new(tables: ExportTables) -> Self {
        Self {
            tables,
            accounts: Vec::new(),
            regions: Vec::new(),
        }
    }

    /// Adds this account, by its 12 digits, to the selection. Athena then reads only its files.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.accounts.push(account.into());
        self
    }

    /// Adds this Region, such as `eu-central-1`, to the selection. Athena then reads only its files.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.regions.push(region.into());
        self
    }

    /// The nodes that can be an answer, with their last patch operation: one row for each, in the order
    /// of account, Region and node. Several queries if the question names more than 5,000 nodes.
    ///
    /// A question about non-compliant or compliant nodes, about a kind of patch, about missing patches
    /// or about a group selects only those. The age of a scan is judged when the rows are read.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations of the question, the
    /// selection and the names of tables. [`Unsupported`](crate::ErrorKind::Unsupported) for a question
    /// about tags, or about other baselines: an export records neither.
    pub fn nodes(&self, query: &ComplianceQuery) -> Result<Vec<AthenaQuery>> {
        self.check(query)?;
        let columns: Vec<&'static str> = node_columns().collect();
        chunks(query)
            .map(|nodes| {
                let sql = format!(
                    "{}\nORDER BY 1, 2, 3",
                    self.select_nodes(query, nodes, true)
                );
                AthenaQuery::new(sql, &columns)
            })
            .collect()
    }

    /// The missing and failed patches of the nodes of a question: one row for each patch and node.
    ///
    /// # Errors
    ///
    /// As [`nodes`](Self::nodes).
    pub fn missing_patches(&self, query: &ComplianceQuery) -> Result<Vec<AthenaQuery>> {
        self.check(query)?;
        chunks(query)
            .map(|nodes| {
                let nodes = self.select_nodes(query, nodes, false);
                let missing = [count("n.missingcount"), count("n.failedcount")];
                let states = texts(["Missing", "Failed"]);
                let filter = format!(
                    "({missing} > 0 OR {failed} > 0)\n  AND ({no_kind} OR (c.compliancetype = 'Patch' \
                     AND (c.patchstate IN ({states}) OR {no_state} OR {no_id})))",
                    missing = missing[0],
                    failed = missing[1],
                    no_kind = absent("c.compliancetype"),
                    no_state = absent("c.patchstate"),
                    no_id = absent("c.id"),
                );
                self.items_of(&nodes, &filter)
            })
            .collect()
    }

    /// The rows of the nodes of a question that can be about one of these CVEs or patches, for an
    /// [exposure](super::AthenaExport::exposure).
    ///
    /// # Errors
    ///
    /// As [`nodes`](Self::nodes), and if there are so many ids that the query is too long.
    pub fn patches_about<I>(&self, query: &ComplianceQuery, ids: I) -> Result<Vec<AthenaQuery>>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.check(query)?;
        let about = ids.into_iter().map(Into::into);
        let about = about.filter(|id: &String| !id.is_empty());
        let about = about.map(|id| format!("strpos(c.words, {}) > 0", text(&id.to_lowercase())));
        let about: Vec<String> = about.collect();
        let about = match about.is_empty() {
            true => "false".to_owned(),
            false => about.join("\n    OR "),
        };
        chunks(query)
            .map(|nodes| {
                let nodes = self.select_nodes(query, nodes, false);
                let filter = format!(
                    "n.hassummary = 'true'\n  AND ({} OR c.compliancetype = 'Patch')\n  AND ({about})",
                    absent("c.compliancetype"),
                );
                self.items_of(&nodes, &filter)
            })
            .collect()
    }

    /// The totals of each patch group, one row for each: nodes by verdict, and their missing and failed
    /// patches. Each node counts as its last patch operation left it, without the terminated ones.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) with all violations of the selection and the
    /// names of tables.
    pub fn group_totals(&self) -> Result<AthenaQuery> {
        let query = ComplianceQuery::all();
        self.check(&query)?;
        let (readable, clean) = (format!("n.{READABLE}"), clean("n"));
        let when = |condition: &str| format!("sum(CASE WHEN {condition} THEN 1 ELSE 0 END)");
        let some = |column: &str| {
            let count = count(&format!("n.{column}"));
            when(&format!("{readable} AND {count} > 0"))
        };
        let total = |column: &str| {
            let count = count(&format!("n.{column}"));
            format!("sum(CASE WHEN {readable} THEN {count} ELSE 0 END)")
        };
        let uncounted = absent("n.criticalnoncompliantcount");
        let figures = [
            when(&format!("{readable} AND {clean}")),
            when(&format!("{readable} AND NOT ({clean})")),
            when(&format!("NOT ({readable})")),
            some("installedpendingrebootcount"),
            some("failedcount"),
            some("criticalnoncompliantcount"),
            some("securitynoncompliantcount"),
            when(&format!("{readable} AND {uncounted}")),
            some("availablesecurityupdatecount"),
            total("missingcount"),
            total("failedcount"),
        ];
        let figures: Vec<String> = figures
            .iter()
            .zip(&GROUP_COLUMNS[1..])
            .map(|(figure, name)| format!("  CAST({figure} AS varchar) AS {}", identifier(name)))
            .collect();
        let group = format!("CASE WHEN {readable} THEN coalesce(n.patchgroup, '') ELSE '' END");
        let sql = format!(
            "SELECT\n  {group} AS {name},\n{figures}\nFROM (\n{nodes}\n) AS n\nGROUP BY {group}\n\
             ORDER BY 1",
            name = identifier(GROUP_COLUMNS[0]),
            figures = figures.join(",\n"),
            nodes = self.select_nodes(&query, None, false),
        );
        AthenaQuery::new(sql, &GROUP_COLUMNS)
    }

    /// The missing and failed patches whose deadline has passed at this instant: one row for each patch
    /// and node, with the days of its deadline, and its end in milliseconds since 1970.
    ///
    /// `released` has the release dates that are known, by the id of the patch as nodes report it, such
    /// as a KB number. An export has none. Without one the days count from the node's last operation,
    /// as in [`ComplianceReport::deadlines`](crate::compliance::ComplianceReport::deadlines).
    ///
    /// # Errors
    ///
    /// Those of [`Deadlines::check`], as [`nodes`](Self::nodes), and if there are so many dates that the
    /// query is too long.
    pub fn overdue_patches(
        &self,
        query: &ComplianceQuery,
        deadlines: &Deadlines,
        released: &BTreeMap<String, Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<AthenaQuery>> {
        deadlines.check()?;
        self.check(query)?;
        let days = days(deadlines);
        let (known, since) = releases(released);
        chunks(query)
            .map(|nodes| {
                let nodes = self.select_nodes(query, nodes, false);
                let keys = KEYS.map(|key| format!("n.{key}")).join(", ");
                let due = "since + days * 86400000";
                let sql = format!(
                    "SELECT accountid, region, resourceid, id, title, patchseverity, \
                     classification, patchstate, CAST(days AS varchar) AS days, \
                     CAST({due} AS varchar) AS due\nFROM (\n\
                     SELECT {keys}, c.id, c.title, c.patchseverity, c.classification, \
                     c.patchstate,\n  {days} AS days,\n  {since} AS since\n\
                     FROM (\n{nodes}\n) AS n\n{join}{known}\n\
                     WHERE n.{READABLE}\n  AND c.compliancetype = 'Patch'\n  AND c.patchstate IN \
                     ({states})\n) AS o\nWHERE {due} < {now}\n\
                     ORDER BY since + days * 86400000, 1, 2, 3, 4",
                    join = self.join_items(),
                    states = texts(["Missing", "Failed"]),
                    now = now.as_millisecond(),
                );
                AthenaQuery::new(sql, &OVERDUE_COLUMNS)
            })
            .collect()
    }

    fn check(&self, query: &ComplianceQuery) -> Result<()> {
        let mut found = Violations::new();
        self.tables.check(&mut found);
        check_selection(&mut found, &self.accounts, &self.regions, query);
        found.or("StartQueryExecution", ())?;
        check_answerable(query)
    }

    /// The nodes that can be an answer.
    fn select_nodes(
        &self,
        query: &ComplianceQuery,
        nodes: Option<&[NodeId]>,
        with_items: bool,
    ) -> String {
        let keys = KEYS.map(|key| format!("  coalesce(i.{key}, s.{key}) AS {key}"));
        let flag = |table: &str, name: &str| {
            format!("  CASE WHEN {table}.resourceid IS NULL THEN 'false' ELSE 'true' END AS {name}")
        };
        let mut columns = keys.to_vec();
        columns.push(flag("i", HAS[0]));
        columns.push(flag("s", HAS[1]));
        let items = match with_items {
            true => {
                columns.push(flag("x", HAS[2]));
                format!(
                    "\nLEFT JOIN (\n{}\n) AS x\n  ON {}",
                    self.nodes_with_items(),
                    on_either("x")
                )
            }
            false => String::new(),
        };
        columns.extend(INFORMATION.map(|name| format!("  i.{name}")));
        columns.extend(SUMMARY.map(|name| format!("  s.{name}")));
        if !with_items {
            columns.push(format!("  coalesce(s.{READABLE}, false) AS {READABLE}"));
        }
        format!(
            "SELECT\n{}\nFROM (\n{}\n) AS i\nFULL OUTER JOIN (\n{}\n) AS s\n  ON {}{items}\nWHERE {}",
            columns.join(",\n"),
            self.newest(
                InventoryType::InstanceInformation,
                &INFORMATION.join(", "),
                "capturetime",
                "",
            ),
            self.newest(
                InventoryType::PatchSummary,
                &SUMMARY.join(", "),
                "operationendtime",
                &format!(", {} AS {READABLE}", readable()),
            ),
            KEYS.map(|key| format!("i.{key} = s.{key}")).join(" AND "),
            conditions(query, nodes).join("\n  AND "),
        )
    }

    /// The newest row of each node in a table, with more columns that are made of its own.
    fn newest(&self, kind: InventoryType, names: &str, by: &str, more: &str) -> String {
        let keys = KEYS.join(", ");
        format!(
            "SELECT {keys}, {names}{more} FROM (SELECT {keys}, {names}, row_number() OVER (PARTITION BY \
             {keys} ORDER BY {by} DESC NULLS LAST) AS newest FROM {} WHERE {}) WHERE newest = 1",
            self.tables.quoted(kind),
            self.selection(),
        )
    }

    /// The nodes that have compliance items.
    fn nodes_with_items(&self) -> String {
        format!(
            "SELECT DISTINCT {} FROM {} WHERE {}",
            KEYS.join(", "),
            self.tables.quoted(InventoryType::ComplianceItem),
            self.selection(),
        )
    }

    /// The partitions that are read, and no row without a node.
    fn selection(&self) -> String {
        let mut conditions = vec!["resourceid IS NOT NULL".to_owned()];
        for (column, values) in [("accountid", &self.accounts), ("region", &self.regions)] {
            if !values.is_empty() {
                let values = texts(values.iter().map(String::as_str));
                conditions.push(format!("{column} IN ({values})"));
            }
        }
        conditions.join(" AND ")
    }

    /// The compliance items beside nodes `n`, with the texts that can name a CVE or a patch.
    fn join_items(&self) -> String {
        let on = KEYS.map(|key| format!("c.{key} = n.{key}")).join(" AND ");
        let words = ["id", "title", "cveids"].map(|name| format!("coalesce({name}, '')"));
        format!(
            "JOIN (\nSELECT {}, {}, lower({}) AS words FROM {} WHERE {}\n) AS c\n  ON {on}",
            KEYS.join(", "),
            ITEM.join(", "),
            words.join(" || ' ' || "),
            self.tables.quoted(InventoryType::ComplianceItem),
            self.selection(),
        )
    }

    /// The compliance items of these nodes that pass a filter.
    fn items_of(&self, nodes: &str, filter: &str) -> Result<AthenaQuery> {
        let keys = KEYS.map(|key| format!("n.{key}"));
        let items = ITEM.map(|name| format!("c.{name}"));
        let columns: Vec<&'static str> = item_columns().collect();
        let sql = format!(
            "SELECT {}, {}\nFROM (\n{nodes}\n) AS n\n{}\nWHERE {filter}\nORDER BY 1, 2, 3, 5, 6",
            keys.join(", "),
            items.join(", "),
            self.join_items(),
        );
        AthenaQuery::new(sql, &columns)
    }
}

/// The columns of the totals of groups.
pub(super) const GROUP_COLUMNS: [&str; 12] = [
    "patchgroup",
    "compliant",
    "noncompliant",
    "unknown",
    "pendingreboot",
    "withfailed",
    "withcritical",
    "withsecurity",
    "withoutcounts",
    "withavailablesecurityupdates",
    "missingpatches",
    "failedpatches",
];

/// The columns of overdue patches.
const OVERDUE_COLUMNS: [&str; 10] = [
    "accountid",
    "region",
    "resourceid",
    "id",
    "title",
    "patchseverity",
    "classification",
    "patchstate",
    "days",
    "due",
];

fn node_columns() -> impl Iterator<Item = &'static str> {
    let first = KEYS.into_iter().chain(HAS).chain(INFORMATION);
    first.chain(SUMMARY)
}

fn item_columns() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().chain(ITEM)
}

/// The named nodes, some for each query; `None` if the question names none.
fn chunks(query: &ComplianceQuery) -> impl Iterator<Item = Option<&[NodeId]>> {
    let named = match query.scope() {
        ComplianceScope::Nodes(nodes) => Some(nodes),
        _ => None,
    };
    let every = named.is_none().then_some(None);
    let chunks = named.into_iter().flat_map(|nodes| nodes.chunks(IDS));
    every.into_iter().chain(chunks.map(Some))
}

fn absent(column: &str) -> String {
    format!("nullif({column}, '') IS NULL")
}

/// An instant in a column; null for a text that is none, which otherwise fails the whole query.
fn instant(column: &str) -> String {
    format!("try(from_iso8601_timestamp({column}))")
}

/// Whether a column has an instant as a data sync writes it; never null.
fn is_instant(column: &str) -> String {
    const FORM: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$";
    let (form, instant) = (text(FORM), instant(column));
    format!("coalesce(regexp_like({column}, {form}) AND {instant} IS NOT NULL, false)")
}

/// Where a third table has the node of the two.
fn on_either(table: &str) -> String {
    KEYS.map(|key| format!("{table}.{key} = coalesce(i.{key}, s.{key})"))
        .join(" AND ")
}

/// The column that says whether a summary can be read.
const READABLE: &str = "isreadable";

/// Whether a summary can be read; never null.
fn readable() -> String {
    let required = REQUIRED.iter().map(|name| present(name));
    let counts = COUNTS.iter().map(|name| {
        let count = count(name);
        format!("coalesce({count} BETWEEN 0 AND {}, false)", u32::MAX)
    });
    let instants = INSTANTS.iter().map(|name| is_instant(name));
    let other = "lastnorebootinstalloperationtime";
    let optional = format!("({} OR {})", absent(other), is_instant(other));
    let others = format!("{} IS NOT NULL", count("unreportednotapplicablecount"));
    let conditions = required.chain(counts).chain(instants);
    let conditions: Vec<String> = conditions.chain([optional, others]).collect();
    format!("({})", conditions.join(" AND "))
}

/// Whether a readable summary counts nothing that makes a node non-compliant.
fn clean(table: &str) -> String {
    let none = DECISIVE.map(|name| format!("{} = 0", count(&format!("{table}.{name}"))));
    format!("({})", none.join(" AND "))
}

/// What a node must meet to be an answer, or to be listed as unreadable.
fn conditions(query: &ComplianceQuery, nodes: Option<&[NodeId]>) -> Vec<String> {
    let readable = format!("s.{READABLE}");
    let has_state = "s.resourceid IS NOT NULL";
    let unreadable = format!("({has_state} AND NOT {readable})");
    let or_unreadable = |condition: String| {
        format!("({unreadable} OR ({has_state} AND {readable} AND {condition}))")
    };
    let mut conditions = vec![match nodes {
        Some(nodes) => {
            let ids = texts(nodes.iter().map(NodeId::as_str));
            format!("coalesce(i.resourceid, s.resourceid) IN ({ids})")
        }
        // A data sync removes no file of a node that is gone.
        None => "coalesce(i.instancestatus, '') <> 'Terminated'".to_owned(),
    }];
    if let ComplianceScope::Group(group) = query.scope() {
        let group = text(group.as_str());
        conditions.push(or_unreadable(format!("s.patchgroup = {group}")));
    }
    match query.wanted_verdict() {
        Some(Verdict::Compliant) => conditions.push(or_unreadable(clean("s"))),
        Some(Verdict::NonCompliant) => {
            conditions.push(or_unreadable(format!("NOT {}", clean("s"))));
        }
        Some(Verdict::Unknown) | None => {}
    }
    if let Some(kind) = query.wanted_kind() {
        let column = match kind {
            NonCompliantKind::Critical => "s.criticalnoncompliantcount",
            NonCompliantKind::Security => "s.securitynoncompliantcount",
            NonCompliantKind::Other => "s.othernoncompliantcount",
        };
        conditions.push(or_unreadable(format!("{} > 0", count(column))));
    }
    if query.wants_missing() {
        conditions.push(or_unreadable(format!("{} > 0", count("s.missingcount"))));
    }
    conditions
}

/// The table of release dates beside patches `c`, and from when the days of a patch count, in
/// milliseconds since 1970: its release, else the last operation of the node `n`.
fn releases(released: &BTreeMap<String, Timestamp>) -> (String, String) {
    let first_seen = instant("n.operationendtime");
    let first_seen = format!("CAST(to_unixtime({first_seen}) * 1000 AS bigint)");
    if released.is_empty() {
        return (String::new(), first_seen);
    }
    let rows = released.iter();
    let rows = rows.map(|(id, at)| format!("({}, {})", text(id), at.as_millisecond()));
    let rows: Vec<String> = rows.collect();
    let table = format!(
        "\nLEFT JOIN (VALUES {}) AS r (id, released)\n  ON r.id = c.id",
        rows.join(", ")
    );
    (table, format!("coalesce(r.released, {first_seen})"))
}

/// The days of the deadline of a patch `c` of a node `n`: those of the first rule that is for it, null
/// if none is.
fn days(deadlines: &Deadlines) -> String {
    let rules = deadlines.in_order().into_iter().map(|rule| {
        let same = |column: &str, word: &str| {
            format!(
                "lower(coalesce({column}, '')) = {}",
                text(&word.to_lowercase())
            )
        };
        let severity = rule
            .severity
            .iter()
            .map(|word| same("c.patchseverity", word));
        let kind = rule.classification.iter();
        let kind = kind.map(|word| same("c.classification", word));
        let group = rule.group.iter();
        let group = group.map(|group| format!("n.patchgroup = {}", text(group.as_str())));
        let conditions: Vec<String> = severity.chain(kind).chain(group).collect();
        let conditions = match conditions.is_empty() {
            true => "true".to_owned(),
            false => conditions.join(" AND "),
        };
        format!("WHEN {conditions} THEN {}", rule.days)
    });
    let rules: Vec<String> = rules.collect();
    format!("CAST(CASE {} END AS bigint)", rules.join(" "))
}
