//! Aligned columns.

use std::io::{self, Write};

/// Prints rows under a header, indented by two spaces.
pub(crate) fn print<const N: usize>(
    out: &mut dyn Write,
    header: [&str; N],
    rows: &[[String; N]],
) -> io::Result<()> {
    let header = header.map(str::to_owned);
    let all: Vec<&[String; N]> = std::iter::once(&header).chain(rows).collect();
    align(out, 2, &all)
}

/// Prints rows without a header.
pub(crate) fn plain<const N: usize>(
    out: &mut dyn Write,
    indent: usize,
    rows: &[[String; N]],
) -> io::Result<()> {
    align(out, indent, &rows.iter().collect::<Vec<_>>())
}

/// Each column is as wide as its widest cell; the last column has no padding.
fn align<const N: usize>(
    out: &mut dyn Write,
    indent: usize,
    rows: &[&[String; N]],
) -> io::Result<()> {
    let mut widths = [0; N];
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(*row) {
            *widest = cell.chars().count().max(*widest);
        }
    }
    for row in rows {
        let mut line = " ".repeat(indent);
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
