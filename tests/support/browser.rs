//! A Chromium that opens pages, and scripts that look at them.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::environment;

/// A Chromium of this machine.
pub(crate) struct Browser {
    command: String,
}

impl Browser {
    /// The browser that `CHROMIUM` names, or one of the usual names. Without one, nothing is checked.
    pub(crate) fn find() -> Option<Self> {
        let named = std::env::var("CHROMIUM").ok();
        let usual = ["chromium", "chromium-browser", "google-chrome"].map(str::to_owned);
        let found = named.into_iter().chain(usual).find(|name| {
            let version = Command::new(name).arg("--version").output();
            version.is_ok_and(|answer| answer.status.success())
        });
        if found.is_none() {
            environment::cannot_check(
                "the page: there is no Chromium, or CHROMIUM does not name it",
            );
        }
        found.map(|command| Self { command })
    }

    /// Opens a page with these options and with scripts at its end, and returns what they put into the
    /// data of the root element as `told`. The name is that of the file, and of no other test.
    pub(crate) fn opened(&self, name: &str, page: &str, scripts: &str, options: &[&str]) -> Value {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("{name}.html"));
        let (before, end) = page.rsplit_once("</body>").unwrap();
        std::fs::write(&file, format!("{before}{scripts}</body>{end}")).unwrap();
        let profile = folder.join(format!("{name}-profile"));
        let output = Command::new(&self.command)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args(["--disable-sync", "--disable-quic", "--no-first-run"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(options)
            .arg(format!("file://{}", file.display()))
            .output()
            .unwrap();
        let page = String::from_utf8_lossy(&output.stdout);
        let told = page
            .split("data-told=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let told = told.unwrap_or_else(|| panic!("the script wrote nothing: {page}"));
        let told = told.replace("&quot;", "\"").replace("&lt;", "<");
        let told = told.replace("&gt;", ">").replace("&amp;", "&");
        serde_json::from_str(&told).unwrap()
    }
}
