//! A moto server that the tests of the adapters talk to.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use aws_patch_manager::aws::{AwsBackend, SdkConfig};

/// Our own moto server on a free port; it is killed when dropped.
pub(crate) struct Moto {
    server: Child,
    pub(crate) config: SdkConfig,
    pub(crate) backend: AwsBackend,
}

impl Moto {
    /// `None` if moto is not installed and need not be.
    pub(crate) fn start() -> Option<Self> {
        if !super::python::has("moto.server", "moto[ec2,ssm,server]==5.2.1") {
            return None;
        }
        let mut server = Command::new(super::python::interpreter())
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(server.stderr.take().unwrap()).lines();
        let endpoint = told.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("Running on ")
                .map(|(_, url)| url.to_owned())
        });
        // If nothing read its log, the pipe would fill and block it.
        std::thread::spawn(move || told.for_each(drop));
        let config = super::aws::config(endpoint.unwrap().trim(), "secret");
        let backend = AwsBackend::from_sdk_config(&config);
        Some(Self {
            server,
            config,
            backend,
        })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
