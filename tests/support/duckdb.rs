//! Athena's place in tests: sqlglot, which parses its dialect, and DuckDB, which runs the queries.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use aws_patch_manager::athena::{
    AthenaQueries, AthenaQuery, AthenaRow, ExportTables, InventoryType,
};
use aws_patch_manager::{Error, ErrorKind, Result};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde_json::{Value, json};

/// A database `patching` with the tables of an export.
#[derive(Debug)]
pub(crate) struct DuckDb {
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    process: Child,
}

impl DuckDb {
    /// The database, if Python has what it takes.
    pub(crate) fn start() -> Option<Self> {
        for module in ["duckdb", "sqlglot"] {
            if !super::python::has(module, module) {
                return None;
            }
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/athena.py");
        let mut process = Command::new(super::python::interpreter())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take().unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        Some(Self {
            pipes: Mutex::new((stdin, stdout)),
            process,
        })
    }

    /// Replaces the export by these files.
    pub(crate) fn load(&self, files: &BTreeMap<String, String>) {
        let tables = InventoryType::ALL.iter().map(|kind| {
            let columns: Vec<&str> = ExportTables::columns(*kind).collect();
            (tables().name(*kind), json!(columns))
        });
        let tables: BTreeMap<String, Value> = tables.collect();
        let said = self.ask(&json!({ "tables": tables, "files": files }));
        assert_eq!(said, json!({}));
    }

    /// What kind of statement this is in Athena's dialect.
    pub(crate) fn parse(&self, statement: &str) -> String {
        let said = self.ask(&json!({ "parse": statement }));
        assert_eq!(said.get("error"), None, "{statement}");
        said["kind"].as_str().unwrap().to_owned()
    }

    fn ask(&self, question: &Value) -> Value {
        let mut pipes = self.pipes.lock().unwrap();
        let (stdin, stdout) = &mut *pipes;
        writeln!(stdin, "{question}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

/// The tables of the database.
pub(crate) fn tables() -> ExportTables {
    ExportTables::new("patching")
}

impl Drop for DuckDb {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl AthenaQueries for DuckDb {
    fn rows(&self, query: AthenaQuery) -> BoxStream<'static, Result<AthenaRow>> {
        let said = self.ask(&json!({ "sql": query.sql }));
        let rows: Vec<Result<AthenaRow>> = match said.get("error") {
            Some(error) => {
                let message = format!("{error}\n{}", query.sql);
                vec![Err(Error::new(ErrorKind::Other, message))]
            }
            None => {
                let rows: Vec<AthenaRow> = serde_json::from_value(said["rows"].clone()).unwrap();
                for row in &rows {
                    assert_eq!(row.len(), query.columns.len(), "{}", query.sql);
                }
                rows.into_iter().map(Ok).collect()
            }
        };
        stream::iter(rows).boxed()
    }
}
