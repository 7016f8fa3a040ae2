//! A hash that is the same with every release of Rust and on every machine.

/// FNV-1a of 64 bits (Fowler, Noll and Vo, draft-eastlake-fnv); no protection against chosen input.
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
