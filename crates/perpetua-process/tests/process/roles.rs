//! What the children of the tests do.

use std::env;
use std::ffi::OsString;
use std::io::{Write, stdout};
use std::process::{Command, Stdio, exit};
use std::time::{Duration, Instant};

use perpetua_process::{Lines, Process};

use crate::launch;
use crate::lifeline::{hold, live_on};

/// Names the role to a child.
pub(crate) const ROLE: &str = "PERPETUA_TEST_ROLE";
/// What each role prints first: before it stands what the test harness prints.
pub(crate) const BEGIN: &str = "-- begin --";
/// How much the chatty one prints.
pub(crate) const CHATTER: usize = 100 * 1024 * 1024;
/// One line of it, with its line feed.
pub(crate) const CHATTER_LINE: usize = 128;
/// What the busy one holds in memory, in bytes.
pub(crate) const HELD: usize = 64 * 1024 * 1024;

/// The arguments by which this test program plays a role.
pub(crate) fn arguments() -> Vec<OsString> {
    ["role", "--exact", "--quiet", "--nocapture"]
        .map(Into::into)
        .into()
}

/// Plays the role that this process was started for, if it was.
#[expect(clippy::exit, reason = "the test harness must print nothing after it")]
pub(crate) fn play() {
    let Ok(role) = env::var(ROLE) else {
        return;
    };
    println!("{BEGIN}");
    let (name, rest) = role.split_once(' ').unwrap_or((&role, ""));
    let code = match name {
        "exit" => rest.parse().expect("a code"),
        "abort" => std::process::abort(),
        "variables" => variables(),
        "print" => print(rest),
        "crash" => crash(),
        "chatty" => chatty(),
        "long" => long_lines(),
        "sleep" => sleep(&role),
        "family" => family(&role, rest),
        "runaway" => runaway(),
        "stubborn" => stubborn(),
        "busy" => busy(),
        "node" => node(),
        #[cfg(target_os = "linux")]
        "starter" => starter(rest),
        "wide" => wide(),
        "polite" => polite(),
        _ => panic!("no role `{role}`"),
    };
    stdout().flush().expect("flushed");
    exit(code);
}

/// Prints the names of its variables.
fn variables() -> i32 {
    for (name, _) in env::vars_os() {
        println!("variable {}", name.display());
    }
    0
}

/// Prints so many numbered lines.
fn print(count: &str) -> i32 {
    for number in 0..count.parse().expect("a count") {
        println!("line {number}");
    }
    0
}

fn crash() -> i32 {
    println!("last log line");
    eprintln!("Unhandled exception.");
    134
}

fn chatty() -> i32 {
    let mut line = [b'.'; CHATTER_LINE];
    line[CHATTER_LINE - 1] = b'\n';
    let many = line.repeat(512);
    for _ in 0..CHATTER / many.len() {
        stdout().write_all(&many).expect("written");
    }
    0
}

fn long_lines() -> i32 {
    println!("{}", "x".repeat(1024 * 1024));
    stdout().write_all(b"no \xff text\n").expect("written");
    print!("no line feed");
    0
}

fn sleep(name: &str) -> i32 {
    live_on(hold(name));
    0
}

/// A child with a child of its own.
fn family(role: &str, name: &str) -> i32 {
    let lifeline = hold(role);
    let _grandchild = me(&format!("sleep {name}")).spawn().expect("a grandchild");
    println!("complete");
    live_on(lifeline);
    0
}

/// Ends, and leaves behind a child with its pipes; on Unix that child has left the group.
fn runaway() -> i32 {
    let mut command = me("sleep");
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let _grandchild = command.spawn().expect("a grandchild");
    println!("last words");
    0
}

/// Takes no notice when it is asked to end.
fn stubborn() -> i32 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let _guard = runtime.enter();
    #[cfg(unix)]
    let _ignored = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).expect("a handler")
    };
    let lifeline = hold("stubborn");
    println!("complete");
    live_on(lifeline);
    0
}

/// Keeps a processor busy and holds memory.
fn busy() -> i32 {
    let held = std::hint::black_box(vec![1_u8; HELD]);
    println!("complete");
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(1) {
        std::hint::black_box(&held);
    }
    0
}

/// A stand-in for the node: two trees, and a child that is not its ward.
#[tokio::main(flavor = "current_thread")]
async fn node() -> i32 {
    let one = start_family("family one").await;
    println!("{}", serde_json::to_string(one.0.identity()).expect("JSON"));
    let _outsider = me("sleep outsider").spawn().expect("an outsider");
    let _two = start_family("family two").await;
    println!("complete");
    std::future::pending().await
}

async fn start_family(role: &str) -> (Process, Lines) {
    let (process, mut lines) = Process::start(&launch(role)).expect("started");
    crate::until(&mut lines, "complete").await;
    (process, lines)
}

/// Starts and ends so many processes, in ways that differ, then tells how many children it has.
#[cfg(target_os = "linux")]
#[tokio::main(flavor = "current_thread")]
async fn starter(count: &str) -> i32 {
    for number in 0..count.parse().expect("a count") {
        let role = if number % 2 == 0 { "exit 0" } else { "sleep" };
        let (process, lines) = Process::start(&launch(role)).expect("started");
        match number % 4 {
            0 => drop(crate::texts(lines).await),
            1 => process.kill(),
            2 => drop(process.wait().await),
            _ => drop(process),
        }
        let mut nothing = launch("exit 0");
        nothing.program = nothing.folder.join("no-such-program");
        Process::start(&nothing).expect_err("there is no such program");
    }
    stdout().flush().expect("flushed");
    println!("children {}", crate::ends::children_after_a_moment().await);
    0
}

/// A line wider than a console of 1000 columns, and another.
fn wide() -> i32 {
    println!("{}", "群".repeat(700));
    println!("the end");
    0
}

/// Ends in order when Ctrl+C is pressed.
#[tokio::main(flavor = "current_thread")]
async fn polite() -> i32 {
    let pressed = tokio::signal::ctrl_c();
    println!("complete");
    pressed.await.expect("a handler");
    0
}

/// This test program in another role, with the lifeline of this one.
fn me(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("this test program"));
    command
        .args(arguments())
        .env(ROLE, role)
        .stdin(Stdio::null());
    command
}
