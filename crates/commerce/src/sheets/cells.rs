//! Cells: what a spreadsheet must not take for a formula.
