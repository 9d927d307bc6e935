//! The types of the wire in TypeScript, made from the Rust ones: one file for the web UI.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use ts_rs::{Config, TS, TypeVisitor};

use crate::{Event, RpcError, SessionStatus, SignInCredential, SignInRefused, call};

/// Where the file stands, from the root of the repository.
pub const PATH: &str = "ui/src/generated/schema.ts";

/// The whole file.
pub fn file() -> String {
    let mut described = Described::new();
    described.visit::<Event>();
    described.visit::<RpcError>();
    described.visit::<SessionStatus>();
    described.visit::<SignInCredential>();
    described.visit::<SignInRefused>();
    call::describe(&mut described);
    described.into_file(
        "// Made from crates/perpetua-schema by `cargo run -p perpetua-schema --example typescript`.\n",
        "/** Every call: `POST /rpc/<name>`, its parameters and its reply. */\nexport type Calls",
    )
}

/// What a file is made of.
pub struct Described {
    config: Config,
    /// The declarations by their names; empty ones stand in another file.
    types: BTreeMap<String, String>,
    /// A line for each call, in the order of the table.
    calls: String,
}

impl fmt::Debug for Described {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Described");
        shown.field("types", &self.types.keys());
        shown.finish_non_exhaustive()
    }
}

impl Default for Described {
    fn default() -> Self {
        Self::new()
    }
}

impl Described {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            // JSON has one kind of number, and ids are far below where it becomes inexact.
            config: Config::new().with_large_int("number"),
            types: BTreeMap::new(),
            calls: String::new(),
        }
    }

    /// Leaves a type out, with what only it needs: another file has it, and this one imports it.
    pub fn leave_out<T: TS + 'static>(&mut self) {
        self.types.insert(T::ident(&self.config), String::new());
    }

    /// Adds a call.
    pub fn call<M: TS + 'static, R: TS + 'static>(&mut self, name: &str) {
        let (params, reply) = (M::name(&self.config), R::name(&self.config));
        let _infallible = writeln!(
            self.calls,
            "  {name}: {{ params: {params}; reply: {reply} }};"
        );
        self.visit::<M>();
        self.visit::<R>();
        R::visit_generics(self);
    }

    /// The file: its head, the declarations, and the table of calls under its own declaration.
    pub fn into_file(self, head: &str, table: &str) -> String {
        let mut file = String::from(head);
        for declaration in self.types.values() {
            file.push_str(declaration);
        }
        let _infallible = write!(file, "\n{table} = {{\n{}}};\n", self.calls);
        let lines = file.lines().map(str::trim_end);
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}

impl TypeVisitor for Described {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only types of our own have a place in a file.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.types.contains_key(&name) {
            return;
        }
        let (docs, declaration) = (T::docs().unwrap_or_default(), T::decl(&self.config));
        let declaration = format!("\n{docs}export {declaration}\n");
        self.types.insert(name, declaration);
        T::visit_dependencies(self);
    }
}
