//! Files that runs read by their URLs: what stands for S3 here.

use std::collections::{HashMap, HashSet};

use crate::types::without_query;

/// Where a file is: a bucket and a key in S3, or any other place by its URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ObjectLocation {
    S3 { bucket: String, key: String },
    Elsewhere(String),
}

impl ObjectLocation {
    /// Reads `s3://BUCKET/KEY` and the `https://` URLs of an object in S3, with the bucket in the host
    /// or in the path. What a presigned URL has in its query does not count.
    pub(crate) fn parse(url: &str) -> Self {
        let s3 = |bucket: &str, key: &str| Self::S3 {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        };
        let elsewhere = || Self::Elsewhere(url.to_owned());
        if let Some(rest) = url.strip_prefix("s3://") {
            let parts = rest.split_once('/');
            return parts.map_or_else(elsewhere, |(bucket, key)| s3(bucket, key));
        }
        let bare = without_query(url);
        let rest = bare.strip_prefix("https://").unwrap_or(bare);
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = decoded(path);
        match bucket_of(host) {
            Some("") => {
                let parts = path.split_once('/');
                parts.map_or_else(elsewhere, |(bucket, key)| s3(bucket, key))
            }
            Some(bucket) => s3(bucket, &path),
            None => Self::Elsewhere(bare.to_owned()),
        }
    }
}

/// The bucket in the name of an S3 host; empty if the path has it (S3 User Guide, virtual hosting).
fn bucket_of(host: &str) -> Option<&str> {
    let host = host.strip_suffix(".cn").unwrap_or(host);
    let name = host.strip_suffix(".amazonaws.com")?;
    let is_service = |label: &str| label == "s3" || label.starts_with("s3-");
    if is_service(name.split('.').next()?) {
        return Some("");
    }
    let service = [".s3.", ".s3-"].iter().filter_map(|dots| name.rfind(dots));
    match service.max() {
        Some(at) => name.get(..at),
        None => name.strip_suffix(".s3"),
    }
}

/// A path without its percent signs; one that means nothing stays.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    Missing,
    Denied,
}

/// The files that there are, and those that nodes may not read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectStore {
    objects: HashMap<ObjectLocation, Vec<u8>>,
    denied: HashSet<ObjectLocation>,
}

impl ObjectStore {
    pub(crate) fn put(&mut self, url: &str, content: Vec<u8>) {
        let location = ObjectLocation::parse(url);
        self.denied.remove(&location);
        self.objects.insert(location, content);
    }

    /// Denies nodes a file, whether it is there or not: S3 tells neither to who may not read it.
    pub(crate) fn deny(&mut self, url: &str) {
        self.denied.insert(ObjectLocation::parse(url));
    }

    pub(crate) fn is_denied(&self, url: &str) -> bool {
        self.denied.contains(&ObjectLocation::parse(url))
    }

    /// Takes a file away, and says whether it was there or denied.
    pub(crate) fn remove(&mut self, url: &str) -> bool {
        let location = ObjectLocation::parse(url);
        let denied = self.denied.remove(&location);
        self.objects.remove(&location).is_some() || denied
    }

    pub(crate) fn get(&self, url: &str) -> Result<&[u8], Unreadable> {
        let location = ObjectLocation::parse(url);
        if self.denied.contains(&location) {
            return Err(Unreadable::Denied);
        }
        let object = self.objects.get(&location);
        object.map(Vec::as_slice).ok_or(Unreadable::Missing)
    }
}
