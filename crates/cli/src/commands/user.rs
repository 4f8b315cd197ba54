//! `souk user add`: lets somebody into the office.

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, Subcommand};
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
            context.output.note("Password (one line on standard input):");
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text.lines().next().unwrap_or_default().to_owned()
        }
    };
    let name =
        args.name.unwrap_or_else(|| args.email.split('@').next().unwrap_or_default().to_owned());
    let new = NewStaff { email: args.email, name, password, roles: args.roles };
    let added = staff::add(&context.db, new).await?;
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
