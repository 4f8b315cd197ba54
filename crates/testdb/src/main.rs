//! `testdb start` lets the cluster of the tests run and prints how to connect to it; `testdb stop` ends that.

use std::process::ExitCode;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]
fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("start") => println!("{}", souk_testdb::start()),
        Some("stop") => souk_testdb::stop(),
        _ => {
            eprintln!("usage: testdb start|stop");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
