//! The house rules that no compiler checks: arrows, fences, file sizes, maps that must be true.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Which rooms a room may depend on (docs/architecture.md, "Rooms").
const ARROWS: [(&str, &[&str]); 12] = [
    ("base", &[]),
    ("search", &["base"]),
    ("recommend", &["base"]),
    ("providers", &["base"]),
    ("commerce", &["base", "providers"]),
    ("simulators", &["base", "providers"]),
    ("feed", &["base", "search", "commerce"]),
    ("api", &["base", "search", "recommend", "commerce"]),
    ("web", &["base", "search", "commerce", "api"]),
    ("pgserver", &[]),
    ("testdb", &["pgserver"]),
    (
        "cli",
        &[
            "base",
            "search",
            "recommend",
            "commerce",
            "feed",
            "api",
            "web",
            "pgserver",
            "simulators",
        ],
    ),
];

/// Which rooms may name a library at all.
const FENCES: [(&str, &[&str]); 17] = [
    ("tantivy", &["search"]),
    ("linfa", &["recommend"]),
    ("linfa-clustering", &["recommend"]),
    ("linfa-ftrl", &["recommend"]),
    ("linfa-logistic", &["recommend"]),
    ("ndarray", &["recommend"]),
    ("axum", &["api", "web", "simulators"]),
    ("askama", &["web"]),
    ("qrcodegen", &["web"]),
    ("sqlx", &["commerce", "feed", "testdb", "cli"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("anyhow", &["cli"]),
    ("pgwire-replication", &["feed"]),
    ("reqwest", &["providers"]),
    ("lettre", &["providers"]),
    // Sessions are random and looked up; a token that speaks for itself is nobody's.
    ("jsonwebtoken", &[]),
];

/// Longest source file, not counting the tests at its end.
const FILE_LINES_MAX: usize = 600;

/// `base` is for types that rooms share; more than this is a junk drawer.
const BASE_LINES_MAX: usize = 1_500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn manifest(room: &str) -> toml::Table {
    read(format!("crates/{room}/Cargo.toml")).parse().unwrap()
}

/// Names in one table of a room's manifest.
fn dependencies(room: &str, table: &str) -> BTreeSet<String> {
    let manifest = manifest(room);
    let names = manifest.get(table).and_then(toml::Value::as_table);
    names.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

fn rooms() -> Vec<String> {
    let folders = std::fs::read_dir(root().join("crates")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// Every tracked kind of file below a folder, build output and vendored tools left out.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules", "data", ".git"].contains(&name.as_str()) {
            files(&path, ending, found);
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join(folder), ".rs", &mut found);
    found
}

#[test]
fn rooms_depend_only_along_the_arrows() {
    let arrows: BTreeMap<_, _> = ARROWS.into_iter().collect();
    for room in rooms() {
        let allowed = arrows.get(room.as_str()).unwrap_or_else(|| panic!("{room} has no arrows"));
        for dependency in dependencies(&room, "dependencies") {
            if let Some(other) = dependency.strip_prefix("souk-") {
                assert!(allowed.contains(&other), "{room} must not depend on {other}");
            }
        }
    }
}

#[test]
fn libraries_stay_inside_their_fences() {
    for room in rooms() {
        let names = dependencies(&room, "dependencies");
        for (library, allowed) in FENCES {
            let named = names.iter().any(|name| {
                name == library || name.strip_prefix(library).is_some_and(|end| end == "-extra")
            });
            assert!(!named || allowed.contains(&room.as_str()), "{room} must not know {library}");
        }
    }
}

#[test]
fn every_dependency_is_used() {
    for room in rooms() {
        for (table, folder) in [("dependencies", "/src"), ("dev-dependencies", "")] {
            let mut sources = String::new();
            for path in rust_files(&format!("crates/{room}{folder}")) {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
            for name in dependencies(&room, table) {
                let path = format!("{}::", name.replace('-', "_"));
                assert!(sources.contains(&path), "{room} lists {name} but never names it");
            }
        }
    }
}

#[test]
fn files_are_short_enough_to_read() {
    for path in rust_files("crates") {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        assert!(lines <= FILE_LINES_MAX, "{}: {lines} lines before its tests", path.display());
    }
    let base: usize = rust_files("crates/base/src")
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap().lines().count())
        .sum();
    assert!(base < BASE_LINES_MAX, "base has grown to {base} lines");
}

#[test]
fn every_source_file_says_what_it_is() {
    for path in rust_files("crates") {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no module documentation", path.display());
    }
}

#[test]
fn no_rule_is_silenced_and_no_test_is_skipped() {
    for path in rust_files("crates") {
        // This file names the words.
        if path.ends_with("tests/tidy.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for word in ["#[ignore", "#[allow(", "#![allow(", "todo!(", "unimplemented!("] {
            assert!(!text.contains(word), "{} contains {word}", path.display());
        }
    }
}

#[test]
fn money_never_passes_through_a_float() {
    // Half-lives and places of clicks, popularity, weights of rankings, a shopper's own measure, numbers in files, how much
    // visitors of an experiment differ.
    let about_no_money = [
        "commerce/src/copy.rs",
        "commerce/src/events/",
        "commerce/src/experiments/",
        "commerce/src/imports/google_retail.rs",
        "commerce/src/imports/souk_jsonl/fields.rs",
        "commerce/src/imports/tests.rs",
        "commerce/src/offers/bulk.rs",
        "commerce/src/offers/live_sql.rs",
        "commerce/src/offers/mod.rs",
        "commerce/src/recommendation_settings/",
        "commerce/src/recommendations/",
        "commerce/src/search_settings/",
        "commerce/src/searches/",
    ];
    let rooms = ["crates/commerce/src", "crates/providers/src", "crates/simulators/src"];
    for path in
        rooms.into_iter().flat_map(rust_files).chain([root().join("crates/base/src/money.rs")])
    {
        let name = path.to_string_lossy().into_owned();
        if !about_no_money.iter().any(|place| name.contains(place)) {
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("f64") && !text.contains("f32"), "{name} has a float");
        }
    }
}

#[test]
fn sql_is_static_but_for_statements_that_take_no_parameters() {
    // `set transaction snapshot` and `create database`, with names that are checked or our own.
    let allowed = [
        "crates/cli/src/commands/bench/sql/mod.rs",
        "crates/feed/src/sql.rs",
        "crates/testdb/src/lib.rs",
    ];
    for path in rust_files("crates") {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let dynamic = code.contains("AssertSqlSafe") && !name.contains("/tests");
        assert!(!dynamic || allowed.contains(&name.as_str()), "{name} builds SQL at run time");
    }
}

#[test]
fn the_folder_map_of_the_readme_is_true() {
    let readme = read("README.md");
    let map = readme.split("## Folders").nth(1).expect("README.md has a section \"## Folders\"");
    let map = map.split("\n## ").next().unwrap();
    let named: BTreeSet<String> = map
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .map(|name| name.trim_end_matches('/').to_owned())
        .collect();
    for name in &named {
        assert!(root().join(name).try_exists().unwrap(), "README.md names {name}, which is gone");
    }
    for room in rooms() {
        assert!(named.contains(&format!("crates/{room}")), "README.md does not name crates/{room}");
    }
    let kept_out = [".git", "target", "data", "models", "crates", ".env", "node_modules"];
    for entry in std::fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() && !kept_out.contains(&name.as_str()) {
            assert!(named.contains(&name), "README.md does not name {name}");
        }
    }
}

#[test]
fn the_walkthroughs_name_functions_that_exist() {
    let document = read("docs/architecture.md");
    let mut checked = 0;
    for quoted in document.split('`').skip(1).step_by(2) {
        let parts: Vec<&str> = quoted.split("::").collect();
        let [room, .., function] = parts.as_slice() else { continue };
        if !rooms().iter().any(|name| name == room) {
            continue;
        }
        let sources = rust_files(&format!("crates/{room}"));
        let defines = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).unwrap();
            ["fn ", "struct ", "enum ", "mod ", "type "].iter().any(|kind| {
                text.match_indices(&format!("{kind}{function}")).any(|(at, found)| {
                    !text[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
            })
        };
        assert!(sources.iter().any(defines), "docs/architecture.md names {quoted}, which is gone");
        checked += 1;
    }
    assert!(checked >= 15, "docs/architecture.md names only {checked} functions");
}

#[test]
fn every_migration_says_why_and_how_it_is_undone() {
    let mut found = Vec::new();
    files(&root().join("migrations"), ".sql", &mut found);
    assert!(!found.is_empty());
    for path in found {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("-- "), "{} does not say what it is for", path.display());
        assert!(text.contains("\n-- Undo:"), "{} does not say how it is undone", path.display());
    }
}
