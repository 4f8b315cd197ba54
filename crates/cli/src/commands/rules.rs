//! `souk rules`: lists merchandising rules, and makes them what a file says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use souk_base::{Action, Condition, Rule, Target};
use souk_commerce::rules::{self, Difference, NewRule, State};
use souk_commerce::writes::{self, Answer, Begun, Write};

use crate::context::Context;

/// Widest name in the table, in characters.
const NAME_WIDTH_MAX: usize = 40;

/// The form of a file, as `--help` tells it.
const FORM: &str = "\
A file is TOML when its name ends in .toml, else JSON; a rule is known by its name:

  [[rules]]
  name = \"Roses first\"
  priority = 10                        # the higher has its way; 0 unless given
  market = \"KW\"                        # every market unless given
  conditions = [{ query_is = \"roses\" }, { city = \"285787\" }]
  actions = [
    { pin = { product = \"7\", position = 1 } },
    { boost = { what = { brand = \"3\" }, percent = 50 } },
    { banner = { text = { en = \"Roses by noon\" }, link = \"/KW/c/roses\" } },
  ]
  starts_at = 2026-02-07T00:00:00+03:00
  ends_at = 2026-02-15T00:00:00+03:00

Conditions: query_is, query_begins, query_contains (words), \"query_empty\", category, city. Those
about the same are alternatives. Actions: pin, hide, boost, bury (of a product, brand, category or
value), filter (\"colour:red\"), redirect, banner, replace, synonym ([\"bunch\", \"bouquet\"]).
What `souk rules list --json` prints is such a file, too.";

/// What can be done with rules.
#[derive(Subcommand, Debug)]
pub(crate) enum RulesCommand {
    /// List rules, the strongest first
    List,
    /// Make rules what a file says, and print what changed; the second time nothing does
    #[command(after_long_help = FORM)]
    Apply(FileArgs),
    /// Print what `apply` would change; ends with 1 when there is anything
    #[command(after_long_help = FORM)]
    Diff(FileArgs),
}

/// The file, and what becomes of the rules that are not in it.
#[derive(Args, Debug)]
pub(crate) struct FileArgs {
    /// TOML or JSON
    pub file: PathBuf,
    /// Remove the rules that are not in the file
    #[arg(long)]
    pub prune: bool,
}

/// Runs a command about rules.
///
/// # Errors
/// When the file cannot be read, a rule in it means nothing, or the database does not answer.
pub(crate) async fn run(context: &Context, command: RulesCommand) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::List => list(context).await,
        RulesCommand::Apply(args) => {
            let (write, report) = apply(context, &args).await?;
            let answer = Answer { status: 200, headers: Vec::new(), body: String::new() };
            write.commit(&context.db, &answer).await?;
            let last = format!("{}. Next: souk rules list", report.sum("are"));
            context.output.result(&report, &report.text(&last))?;
            Ok(ExitCode::SUCCESS)
        }
        RulesCommand::Diff(args) => {
            let (write, report) = apply(context, &args).await?;
            write.roll_back().await?;
            let last = format!("{}.", report.sum("would be"));
            context.output.result(&report, &report.text(&last))?;
            let differs = !report.changes.is_empty();
            Ok(if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
    }
}

/// What became of the rules of a file, or would.
#[derive(Serialize)]
struct Report {
    changes: Vec<Difference>,
    unchanged: usize,
}

/// Makes the rules what the file says, in a write that is still open.
async fn apply(context: &Context, args: &FileArgs) -> anyhow::Result<(Write, Report)> {
    let file = args.file.display();
    let wanted = read(&args.file).with_context(|| format!("cannot use {file}"))?;
    context.output.note(&format!("Comparing {} rules of {file} with the shop's.", wanted.len()));
    let Begun::New(mut write) = writes::begin(&context.db, None, None).await? else {
        anyhow::bail!("a write without a key was answered before");
    };
    let changes = rules::apply(&mut write, &wanted, args.prune).await?;
    let of_file = |change: &&Difference| !matches!(change, Difference::Removed { .. });
    let unchanged = wanted.len() - changes.iter().filter(of_file).count();
    Ok((write, Report { changes, unchanged }))
}

/// The rules of a file.
fn read(path: &Path) -> anyhow::Result<Vec<NewRule>> {
    let text = std::fs::read_to_string(path)?;
    let is_toml = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    let mut file: Value = if is_toml {
        plain(toml::Value::Table(text.parse()?))
    } else {
        serde_json::from_str(&text)?
    };
    let rules = file.get_mut("rules").map(Value::take);
    let Some(Value::Array(rules)) = rules else {
        anyhow::bail!("it has no list \"rules\"; see souk rules apply --help");
    };
    rules.into_iter().zip(1..).map(|(rule, place)| read_rule(rule, place)).collect()
}

fn read_rule(mut rule: Value, place: usize) -> anyhow::Result<NewRule> {
    // What the list tells besides.
    if let Some(fields) = rule.as_object_mut() {
        fields.remove("id");
        fields.remove("state");
        fields.remove("lost");
    }
    let name = rule["name"].as_str().unwrap_or_default().to_owned();
    serde_json::from_value(rule).with_context(|| format!("rule {place}, \"{name}\""))
}

/// TOML as JSON has it: points in time become text.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(plain).collect(),
        toml::Value::Table(table) => {
            table.into_iter().map(|(name, value)| (name, plain(value))).collect()
        }
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(is_true) => is_true.into(),
    }
}

impl Report {
    /// A line for each change, and the sum.
    fn text(&self, last: &str) -> String {
        let mut lines: Vec<String> = self.changes.iter().map(change_line).collect();
        lines.push(last.to_owned());
        lines.join("\n")
    }

    fn sum(&self, verb: &str) -> String {
        let count =
            |kind: fn(&Difference) -> bool| self.changes.iter().filter(|it| kind(it)).count();
        let added = count(|change| matches!(change, Difference::Added { .. }));
        let changed = count(|change| matches!(change, Difference::Changed { .. }));
        let removed = count(|change| matches!(change, Difference::Removed { .. }));
        let unchanged = self.unchanged;
        format!(
            "{added} rules {verb} added, {changed} changed, {removed} removed; {unchanged} stay"
        )
    }
}

fn change_line(change: &Difference) -> String {
    match change {
        Difference::Added { name } => format!("+ {name}"),
        Difference::Changed { name, fields } => format!("~ {name} ({})", fields.join(", ")),
        Difference::Removed { name } => format!("- {name}"),
    }
}

async fn list(context: &Context) -> anyhow::Result<ExitCode> {
    let mut rules = rules::list(&mut *context.db.acquire().await?).await?;
    rules.sort_by_key(|rule| (std::cmp::Reverse(rule.priority), rule.id));
    let lost = rules::lost(&mut *context.db.acquire().await?, &rules).await?;
    let lost = |rule: &Rule| -> Vec<String> {
        lost.get(&rule.id).into_iter().flatten().map(ToString::to_string).collect()
    };
    let now = Timestamp::now();
    let listed: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let mut listed = json!(rule);
            listed["state"] = json!(State::of(rule, now));
            listed["lost"] = json!(lost(rule));
            listed
        })
        .collect();
    context.output.result(&json!({ "rules": listed }), &table(&rules, now, lost))?;
    Ok(ExitCode::SUCCESS)
}

fn table(rules: &[Rule], now: Timestamp, lost: impl Fn(&Rule) -> Vec<String>) -> String {
    if rules.is_empty() {
        return "There are no rules yet. Next: souk rules apply --help".to_owned();
    }
    let widest = rules.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0);
    let width = widest.clamp("NAME".len(), NAME_WIDTH_MAX);
    let mut lines =
        format!("{:<10} {:>8}  {:<6} {:<width$}  WHAT", "STATE", "PRIORITY", "MARKET", "NAME");
    for rule in rules {
        let market = rule.market.as_ref().map_or("all", souk_base::MarketCode::as_str);
        let name: String = rule.name.chars().take(width).collect();
        let state = State::of(rule, now).code();
        let what = what(rule);
        write!(lines, "\n{state:<10} {:>8}  {market:<6} {name:<width$}  {what}", rule.priority)
            .expect("writing to a text cannot fail");
        let lost = lost(rule);
        if !lost.is_empty() {
            write!(lines, " (gone: {})", lost.join(", ")).expect("writing to a text cannot fail");
        }
    }
    let live = rules.iter().filter(|rule| State::of(rule, now) == State::Live).count();
    write!(lines, "\n{} rules, {live} live", rules.len()).expect("writing to a text cannot fail");
    lines
}

/// Where a rule takes part and what it does, in a line.
fn what(rule: &Rule) -> String {
    let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
    let actions: Vec<String> = rule.actions.iter().map(action).collect();
    let place = if conditions.is_empty() { "everywhere".to_owned() } else { conditions.join(", ") };
    format!("{place}: {}", actions.join(", "))
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::QueryIs(words) => format!("query is \"{words}\""),
        Condition::QueryBegins(words) => format!("query begins with \"{words}\""),
        Condition::QueryContains(words) => format!("query has \"{words}\""),
        Condition::QueryEmpty => "no query".to_owned(),
        Condition::Category(id) => format!("category {id}"),
        Condition::City(id) => format!("city {id}"),
        Condition::Segment(number) => format!("segment {number}"),
    }
}

fn action(action: &Action) -> String {
    match action {
        Action::Pin { product, position } => format!("pin {product} at {position}"),
        Action::Hide(product) => format!("hide {product}"),
        Action::Boost { what, percent } => format!("boost {} by {percent} %", target(what)),
        Action::Bury { what, percent } => format!("bury {} by {percent} %", target(what)),
        Action::Filter(filter) => format!("filter {filter}"),
        Action::Redirect(address) => format!("redirect to {address}"),
        Action::Banner { text, .. } => {
            format!("banner \"{}\"", text.values().next().map_or("", String::as_str))
        }
        Action::Replace(words) => format!("search for \"{words}\""),
        Action::Synonym(words) => format!("synonym {}", words.join(" = ")),
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Product(id) => format!("product {id}"),
        Target::Brand(id) => format!("brand {id}"),
        Target::Category(id) => format!("category {id}"),
        Target::Value(id) => format!("value {id}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_help_is_a_file_that_can_be_read() {
        let folder = std::env::temp_dir().join(format!("souk-rules-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (toml, json) = (folder.join("rules.toml"), folder.join("rules.json"));
        let example: Vec<&str> = FORM.lines().filter(|line| line.starts_with("  ")).collect();
        std::fs::write(&toml, example.join("\n")).unwrap();

        let from_toml = read(&toml).unwrap();
        std::fs::write(&json, json!({ "rules": from_toml }).to_string()).unwrap();
        let from_json = read(&json).unwrap();
        std::fs::write(&json, r#"{"rules": [{"name": "a", "actoins": []}]}"#).unwrap();
        let refused = format!("{:#}", read(&json).unwrap_err());
        std::fs::remove_dir_all(&folder).unwrap();

        assert_eq!((from_toml.len(), &*from_toml[0].name), (1, "Roses first"));
        assert_eq!(from_toml[0].starts_at, Some("2026-02-06T21:00:00Z".parse().unwrap()));
        assert_eq!((from_toml[0].conditions.len(), from_toml[0].actions.len()), (2, 3));
        assert_eq!(from_json, from_toml);
        assert!(refused.contains("rule 1, \"a\": unknown field `actoins`"), "{refused}");
    }
}
