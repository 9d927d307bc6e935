//! The help of every command and argument, in the language that the program speaks.
//!
//! The catalogue has it under `help`: a command by its path (`help.core_list`), an argument by its
//! command and name (`help.core_list_check`), or by its name alone where it is the same everywhere
//! (`help.account`).

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser};
use perpetua_words::{Language, sentence};

use crate::language;

/// Where the arguments that every command has stand in its help.
const COMMON: usize = 900;

/// `perpetuad help` and `perpetuad help core`, as people type it elsewhere: what `--help` stands for.
pub(crate) fn asked_by_word(mut arguments: Vec<OsString>) -> Vec<OsString> {
    if arguments.get(1).is_some_and(|word| word == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// The command line with all its help, and with the arguments that every command has.
pub(crate) fn localised(command: Command, language: Language) -> Command {
    let command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANGUAGE")
                .value_parser(PossibleValuesParser::new(language::TAGS))
                .global(true),
        )
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .global(true),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version),
        );
    described(command, "", language).about(text("about", language))
}

/// A command, its arguments and the commands below it with their help.
fn described(command: Command, path: &str, language: Language) -> Command {
    let below = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}_{name}"),
    };
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    let mut command = command
        .help_template(template(language))
        .subcommand_help_heading(text("heading_commands", language))
        .mut_args(|argument| with_help(argument, path, language));
    for name in names {
        let path = below(&name);
        command = command.mut_subcommand(name, |command| {
            described(command, &path, language).about(text(&path, language))
        });
    }
    command
}

fn with_help(argument: Arg, path: &str, language: Language) -> Arg {
    let name = argument.get_id().as_str().to_owned();
    let heading = if argument.is_positional() {
        text("heading_arguments", language)
    } else {
        text("heading_options", language)
    };
    let own = sentence(&format!("help.{path}_{name}"), language);
    let argument = argument
        .help(own.unwrap_or_else(|| text(&name, language)))
        .help_heading(heading);
    // What all commands have comes after what is a command's own.
    let argument = if argument.is_global_set() {
        argument.display_order(COMMON)
    } else {
        argument
    };
    if !argument.get_action().takes_values() {
        return argument;
    }
    // The sentence names them: what clap adds is in English.
    argument.hide_possible_values(true).hide_default_value(true)
}

fn template(language: Language) -> String {
    let usage = text("heading_usage", language);
    format!("{{about-with-newline}}\n{usage}\n\n{{all-args}}")
}

/// The sentence of a key below `help`; that each has one is tested below.
fn text(key: &str, language: Language) -> &'static str {
    sentence(&format!("help.{key}"), language).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};
    use perpetua_words::Language::{self, Chinese, English};

    use super::localised;
    use crate::arguments::Arguments;

    fn check(command: &Command, language: Language) -> usize {
        let name = command.get_name();
        let about = command.get_about().map(ToString::to_string);
        assert_ne!(about.unwrap_or_default(), "", "`{name}`, {language:?}");
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string);
            let argument = argument.get_id();
            assert_ne!(
                help.unwrap_or_default(),
                "",
                "`{name} {argument}`, {language:?}"
            );
        }
        let below = command.get_subcommands();
        1 + below.map(|command| check(command, language)).sum::<usize>()
    }

    #[test]
    fn every_command_and_argument_has_help_in_both_languages() {
        for language in [English, Chinese] {
            let mut command = localised(Arguments::command(), language);
            let found = check(&command, language);
            assert!(found > 20, "{found} commands");
            command.build();
            let page = command.render_long_help().to_string();
            let heading = match language {
                English => "\nCommands:\n",
                Chinese => "\n命令:\n",
            };
            assert!(page.contains(heading), "{page}");
        }
    }

    #[test]
    fn the_grammar_is_consistent() {
        localised(Arguments::command(), English).debug_assert();
    }
}
