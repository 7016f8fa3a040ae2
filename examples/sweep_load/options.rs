use std::error::Error;

/// The program's input.
pub(crate) struct Options {
    pub(crate) nodes: Vec<usize>,
    pub(crate) latency_ms: u64,
    /// Whether to time an exposure instead of the sweeps.
    pub(crate) exposure: bool,
}

impl Options {
    /// Reads pairs of a name and a value, and the flag.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, Box<dyn Error>> {
        let mut options = Self {
            nodes: vec![1_000],
            latency_ms: 20,
            exposure: words.contains(&"--exposure"),
        };
        let words: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| *word != "--exposure")
            .collect();
        for pair in words.chunks(2) {
            match pair {
                ["--nodes", counts] => {
                    let counts = counts.split(',').map(str::parse);
                    options.nodes = counts.collect::<Result<_, _>>()?;
                }
                ["--latency-ms", latency] => options.latency_ms = latency.parse()?,
                _ => {
                    let known = "--nodes, --latency-ms, --exposure";
                    return Err(format!("unknown {pair:?}: use {known}").into());
                }
            }
        }
        Ok(options)
    }
}
