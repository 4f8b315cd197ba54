//! `souk user add`: lets somebody into the office.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use serde_json::json;
use souk_commerce::staff::{self, NewStaff, Role};

use crate::context::Context;

/// What can be done with people.
#[derive(Subcommand, Debug)]
pub(crate) enum UserCommand {
    /// Add somebody to the staff; the password is read from standard input unless given
    Add(AddArgs),
}

/// Who is added.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// The address to log in with
    pub email: String,
    /// How colleagues call them; the part before the @ unless given
    #[arg(long)]
    pub name: Option<String>,
    /// What they may do; repeatable
    #[arg(long = "role", default_value = "admin")]
    pub roles: Vec<Role>,
    /// At least 10 characters; better typed on standard input than here
    #[arg(long)]
    pub password: Option<String>,
}

/// Runs a command about people.
///
/// # Errors
/// When the address is taken or is none, or the password is too short.
pub(crate) async fn run(context: &Context, command: UserCommand) -> anyhow::Result<ExitCode> {
    let UserCommand::Add(args) = command;
    let password = match args.password {
        Some(password) => password,
        None => {
            context.output.note("Password (one line on standard input, not shown):");
            read_password().await?
        }
    };
    let name =
        args.name.unwrap_or_else(|| args.email.split('@').next().unwrap_or_default().to_owned());
    let new = NewStaff { email: args.email, name, password, roles: args.roles };
    let added = staff::add(&context.db, new, None).await?;
    let roles: Vec<&str> = added.roles.iter().map(|role| role.code()).collect();
    let text = format!(
        "Added {} ({}). Next: souk serve, then log in at /office",
        added.email,
        roles.join(", ")
    );
    let object =
        json!({ "id": added.id, "email": added.email, "name": added.name, "roles": roles });
    context.output.result(&object, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// One line of standard input; a terminal does not show what is typed.
async fn read_password() -> anyhow::Result<String> {
    let _hidden = Hidden::now();
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    Ok(line.await??.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal that does not echo until this is dropped, by Ctrl-C too.
struct Hidden(Termios);

impl Hidden {
    /// Nothing where standard input is no terminal.
    fn now() -> Option<Hidden> {
        let shown = tcgetattr(std::io::stdin()).ok()?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &hidden).ok()?;
        Some(Hidden(shown))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // A terminal that went away needs no echo.
        let _gone = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0);
    }
}
