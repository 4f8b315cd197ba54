//! Evaluates from the crate alone: `measure interactions|baskets FILE CUT COLUMNS [MODEL]`, `measure sessions TRAIN TEST COLUMNS`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "an example that is run by hand")]

use std::path::Path;

use souk_recommend::evaluate::{self, Watch};
use souk_recommend::{Columns, Names, parse_time, read};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let columns = |text| Columns::parse(text).unwrap();
    let mut watch = Watch { cpu_s: &cpu_s, answered: &mut |_, _| {} };
    let watch = &mut watch;
    let figures = match arguments.as_slice() {
        ["interactions", file, cut, names, model] => {
            let log = read(Path::new(file), "user", &columns(names), Names::default()).unwrap();
            evaluate::interactions(&log, parse_time(cut).unwrap(), model.parse().unwrap(), watch)
        }
        ["baskets", file, cut, names, model] => {
            let log = read(Path::new(file), "basket", &columns(names), Names::default()).unwrap();
            evaluate::baskets(&log, parse_time(cut).unwrap(), model.parse().unwrap(), watch)
        }
        ["sessions", train, test, names, model] => {
            let train =
                read(Path::new(train), "session", &columns(names), Names::default()).unwrap();
            let test =
                read(Path::new(test), "session", &columns(names), train.items.clone()).unwrap();
            evaluate::sessions(&train, &test, model.parse().unwrap(), watch)
        }
        _ => panic!("see the first line of this file"),
    };
    println!("{}", serde_json::to_string_pretty(&figures.unwrap()).unwrap());
}

/// User and system time of this process; a tick is a hundredth of a second.
fn cpu_s() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = status.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
