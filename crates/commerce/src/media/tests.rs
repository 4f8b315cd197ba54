//! Pictures from upload to page.
