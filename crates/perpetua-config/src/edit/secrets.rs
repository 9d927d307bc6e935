//! Where secrets are kept.

use toml_edit::{Document, Value};

use super::{EditError, blocks::last_value, find::Found, line_end, set::put, syntax};
use crate::SecretsBackend;

const KEY: &str = "secrets";

/// Changes where secrets are kept; the secrets themselves stay where they are.
///
/// # Errors
/// If the text is no TOML.
pub fn set_secrets(text: &str, backend: SecretsBackend) -> Result<String, EditError> {
    let document = Document::parse(text).map_err(|error| syntax(text, &error))?;
    let value = Value::from(match backend {
        SecretsBackend::Keyring => "keyring",
        SecretsBackend::File => "file",
    });
    let top = Found::block(document.as_table());
    if last_value(top.table).is_none() {
        // What stands at the top belongs to no table.
        let end = line_end(text);
        return Ok(format!("{KEY} = {value}{end}{end}{text}"));
    }
    let changed = put(text, &top, KEY, &value, None);
    Ok(changed.unwrap_or_else(|| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::set_secrets;
    use crate::SecretsBackend::{File, Keyring};

    #[test]
    fn the_place_changes_and_the_rest_stays() {
        for (before, after) in [
            (
                "# a\nsecrets = \"keyring\" # b\n\n[api]\n",
                "# a\nsecrets = \"file\" # b\n\n[api]\n",
            ),
            (
                "# a\n[api]\nx = 1\n",
                "secrets = \"file\"\n\n# a\n[api]\nx = 1\n",
            ),
            ("[api]\r\n", "secrets = \"file\"\r\n\r\n[api]\r\n"),
            (
                "api.listen = \"127.0.0.1:1\"\n[log]\n",
                "api.listen = \"127.0.0.1:1\"\nsecrets = \"file\"\n[log]\n",
            ),
            ("", "secrets = \"file\"\n\n"),
        ] {
            let changed = set_secrets(before, File).expect("TOML");
            assert_eq!(changed, after, "{before}");
            assert_eq!(set_secrets(&changed, File).expect("TOML"), changed);
        }
        let back = set_secrets("secrets = \"file\"\n", Keyring).expect("TOML");
        assert_eq!(back, "secrets = \"keyring\"\n");
        assert!(set_secrets("secrets = ", File).is_err());
    }
}
