//! What becomes of the ports of an installation that is imported, and of their tokens.

use std::fs;
use std::net::TcpListener;

use perpetua_schema::{Import, Imported};
use perpetua_secrets::Secret;
use perpetua_words::Message;

use crate::harness::Place;

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[core]
auto-install = false
check-every = "0s"
"#;

/// Imports an installation with these entries of `Implementations`; gives what was said and what is stored.
async fn imported(entries: &[String]) -> (Imported, Vec<String>, String) {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let folder = place.folders().data().join("theirs");
    fs::create_dir_all(&folder).expect("a folder");
    let settings = format!("{{\"Implementations\":[{}]}}", entries.join(","));
    fs::write(folder.join("appsettings.json"), settings).expect("written");
    let call = Import {
        folder: folder.to_str().expect("text").to_owned(),
        account: Some("main".to_owned()),
        disabled: true,
    };
    let imported = node.rpc().call(&call).await.expect("imported");
    node.drain().await;
    let settings = fs::read_to_string(place.settings_path()).expect("readable");
    let kept = place.keyring.kept();
    let kept = kept
        .into_iter()
        .filter(|(name, _)| name.starts_with("named/"));
    let kept = kept.map(|(_, secret): (String, Secret)| secret.expose().to_owned());
    (imported, kept.collect(), settings)
}

fn said(messages: &[Message]) -> String {
    let lines: Vec<String> = messages.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// So many ports that nobody listens on now.
fn free_ports(count: usize) -> Vec<u16> {
    let open: Vec<_> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
        .collect();
    open.iter()
        .map(|one| one.local_addr().expect("its address").port())
        .collect()
}

fn entry(port: u16, more: &str) -> String {
    format!("{{\"Type\":\"ForwardWebSocket\",\"Port\":{port}{more}}}")
}

#[tokio::test]
async fn a_token_is_what_dotnet_reads_or_is_told_to_be_of_no_use() {
    let long = "x".repeat(200);
    let long_json = format!("\"{long}\"");
    for (written, expected) in [
        ("\"theirs\"", Ok("theirs")),
        ("123456", Ok("123456")),
        ("1e3", Ok("1e3")),
        ("0.50", Ok("0.50")),
        ("12345678901234567890123", Ok("12345678901234567890123")),
        ("true", Ok("True")),
        ("false", Ok("False")),
        (long_json.as_str(), Ok(long.as_str())),
        ("\"\"", Err("because it had none")),
        ("null", Err("because it had none")),
        ("\"密码\"", Err("its former one cannot be used")),
        ("\"two words\"", Err("its former one cannot be used")),
        ("\"   \"", Err("its former one cannot be used")),
        ("[\"theirs\"]", Err("its former one cannot be used")),
    ] {
        let port = free_ports(1)[0];
        let entry = entry(port, &format!(",\"AccessToken\":{written}"));
        let (imported, kept, settings) = imported(&[entry]).await;
        let told = said(&imported.taken);
        assert!(
            settings.contains(&format!("127.0.0.1:{port}")),
            "{settings}"
        );
        match expected {
            Ok(token) => {
                assert_eq!(kept, [token], "{written}");
                assert!(told.contains("with its token"), "{written}: {told}");
            }
            Err(words) => {
                assert_eq!(kept, [""; 0], "{written}");
                assert!(told.contains(words), "{written}: {told}");
            }
        }
    }
}

#[tokio::test]
async fn whatever_address_a_port_had_it_is_one_of_this_machine_now() {
    for (host, was_open) in [
        ("::", true),
        ("[::]", true),
        ("*", true),
        ("0.0.0.0", true),
        ("::1", false),
        ("localhost", false),
        ("127.0.0.1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:0.0.0.0", true),
    ] {
        let port = free_ports(1)[0];
        let entry = entry(port, &format!(",\"Host\":\"{host}\""));
        let (imported, _, settings) = imported(&[entry]).await;
        assert!(
            settings.contains(&format!("\"127.0.0.1:{port}\"")),
            "{host}: {settings}"
        );
        let left = said(&imported.not_taken);
        assert!(!left.contains("is not an address"), "{host}: {left}");
        assert_eq!(
            left.contains("was open to other computers"),
            was_open,
            "{host}: {left}"
        );
    }
}

#[tokio::test]
async fn a_folder_with_very_many_ports_gives_sixty_four() {
    for (count, left_out) in [
        (64, None),
        (65, Some("1 more port was")),
        (1600, Some("1536 more ports were")),
    ] {
        let ports = (0..count).map(|number| 20_000 + number);
        let entries: Vec<String> = ports
            .map(|port| entry(port, ",\"AccessToken\":\"t\""))
            .collect();
        let (imported, kept, settings) = imported(&entries).await;
        assert_eq!(settings.matches("[[accounts.clients]]").count(), 64);
        assert_eq!(kept.len(), 64, "{count}");
        let left = said(&imported.not_taken);
        match left_out {
            Some(words) => assert!(left.contains(words), "{left}"),
            None => assert!(!left.contains("left out"), "{left}"),
        }
    }
}
