//! The entry of macOS: a launch agent of the user.

use super::Program;

/// The name of the agent and, with `.plist` behind it, of its file; that of another node has more behind it.
#[cfg(any(target_os = "macos", test))]
pub(super) const LABEL: &str = "dev.perpetua.desktop";

/// The whole file of the agent with this name; `None` where the program's path is no text.
pub(super) fn text(label: &str, program: &Program) -> Option<String> {
    let words = program.words()?.into_iter();
    let lines = words.map(|word| format!("    <string>{}</string>\n", escaped(word)));
    let arguments = lines.collect::<Vec<_>>().concat();
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>{label}</string>\n\
         \x20 <key>ProgramArguments</key>\n  <array>\n{arguments}  </array>\n\
         \x20 <key>RunAtLoad</key>\n  <true/>\n  <key>ProcessType</key>\n  <string>Interactive</string>\n\
         </dict>\n</plist>\n"
    ))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{LABEL, text};
    use crate::autostart::Program;

    #[test]
    fn the_program_inside_the_bundle_is_started_with_its_argument() {
        let program = Program {
            path: "/Applications/a & b.app/Contents/MacOS/perpetua".into(),
            arguments: vec!["--minimised".into()],
        };
        let text = text(LABEL, &program).expect("text");
        assert!(text.contains("<string>dev.perpetua.desktop</string>"));
        assert!(
            text.contains("<string>/Applications/a &amp; b.app/Contents/MacOS/perpetua</string>")
        );
        assert!(
            text.contains("<string>--minimised</string>\n  </array>"),
            "{text}"
        );
    }
}
