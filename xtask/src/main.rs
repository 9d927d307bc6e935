//! `cargo xtask`: every command of the repository.
//!
//! What a person types, what CI runs and what CONTRIBUTING.md says are the same words. Each command
//! looks for what it needs first: on Debian, as root, it installs what is missing; elsewhere it
//! names it, with the line to type.

#![expect(
    clippy::print_stdout,
    reason = "a command line tool speaks to its user"
)]

mod browser;
mod commands;
mod cross;
mod desktop;
mod folder;
mod front;
mod fuzz;
mod interop;
mod npm;
mod packages;
mod perpetuad;
mod process;
mod python;
mod release;
mod tools;
mod ui;
mod wine;
mod workspace;
mod zig;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Every command of the repository")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the program and open its window; without a screen run the node, on the simulator when it has no settings yet
    Run {
        /// Passed to the program, such as `--data-dir DIR`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// What `run` puts behind the node's standard output
    #[command(hide = true)]
    Guide {
        program: PathBuf,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every test, with the real bot frameworks, a browser and the window among them
    Test {
        /// Also run what waits for minutes and each fuzz target for a minute, and try packages in clean systems
        #[arg(long)]
        long: bool,
    },
    /// Check formatting, lints, documentation, structure and licenses
    Lint,
    /// Check the lints alone: each system has code of its own
    Clippy,
    /// Measure the node against a plain relay
    Bench {
        /// Measure the window instead: its start, its memory, its pages, and what it costs the node
        #[arg(long)]
        ui: bool,
        /// Passed to the benchmark, such as `--quick` or `--hostile`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Draw every page into `docs/pictures`
    Pictures {
        /// Draw the tray on a real panel instead
        #[arg(long)]
        tray: bool,
    },
    /// Build for Windows and run under Wine: the node with a client connected, and the window's program
    CheckWindows,
    /// Type-check for macOS
    CheckMacos,
    /// Make a release, one step after the other
    Release {
        #[command(subcommand)]
        step: release::Step,
    },
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(command: Command) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Run { arguments } => commands::run::run(&workspace, &arguments),
        Command::Guide { program, arguments } => commands::run::guide(&program, &arguments),
        Command::Test { long } => commands::test::run(&workspace, long),
        Command::Lint => commands::lint::run(&workspace),
        Command::Clippy => commands::lint::clippy(&workspace),
        Command::Bench {
            ui: false,
            arguments,
        } => commands::bench::run(&workspace, &arguments),
        Command::Bench {
            ui: true,
            arguments,
        } => commands::bench::run_ui(&workspace, &arguments),
        Command::Pictures { tray: false } => commands::pictures::run(&workspace),
        Command::Pictures { tray: true } => commands::pictures::draw_tray(&workspace),
        Command::CheckWindows => commands::check_windows::run(&workspace),
        Command::CheckMacos => commands::check_macos::run(&workspace),
        Command::Release { step } => release::run(&workspace, step),
    }
}
