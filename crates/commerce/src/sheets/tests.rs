//! The catalogue on its way through a spreadsheet.
