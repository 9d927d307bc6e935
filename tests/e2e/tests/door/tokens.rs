//! Where a port has a token, the token decides, whatever a library or a proxy adds to the request; where it
//! has none, nothing of another origin comes in.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, SdkSession, Settings, Upgrade, get};

const TOKEN: &str = "the-token-of-this-test";

/// A node whose client and whose upstream have the same token.
struct Setup {
    node: Node,
    _folder: DataFolder,
}

impl Setup {
    async fn start() -> Result<Self> {
        let token = "token = { env = \"TOKEN\" }";
        let upstream = format!("kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\n{token}");
        let settings = Settings::upstream(&upstream)
            .client_with("locked", &format!("{token}\nmax-connections = 64"))
            .client_with("open", "token = \"off\"\nmax-connections = 64");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start_with(&folder, &[("TOKEN", TOKEN)]).await?;
        Ok(Self {
            node,
            _folder: folder,
        })
    }

    /// The ports that ask for the token.
    async fn locked(&self) -> Result<[SocketAddr; 2]> {
        Ok([
            self.node.client("locked").await?,
            self.node.upstream().await?,
        ])
    }
}

/// Headers beside those of every upgrade.
type Headers<'a> = &'a [(&'a str, &'a str)];

async fn answered(address: SocketAddr, path: &str, headers: Headers<'_>) -> Result<u16> {
    Ok(Upgrade::ask(address, path, headers).await?.status())
}

/// Whether the token was found right: 503 asks an upstream to wait that has come and gone several times.
fn is_let_in(status: u16) -> bool {
    matches!(status, 101 | 503)
}

#[tokio::test]
async fn the_right_token_comes_in_from_every_origin() -> Result<()> {
    let setup = Setup::start().await?;
    let bearer = format!("Bearer {TOKEN}");
    let query = format!("/?access_token={TOKEN}");
    for address in setup.locked().await? {
        let other_port = format!("http://127.0.0.1:{}", address.port() - 1);
        let other_name = format!("http://localhost:{}", address.port());
        let slash = format!("http://{address}/");
        let no_scheme = address.to_string();
        let socket = format!("ws://{address}");
        for origin in [
            "http://example.org",
            "https://bot.example.org:443",
            "https://127.0.0.1",
            "null",
            "file://",
            "",
            &other_port,
            &other_name,
            &slash,
            &no_scheme,
            &socket,
        ] {
            let header = [("authorization", bearer.as_str()), ("origin", origin)];
            let status = answered(address, "/", &header).await?;
            assert!(is_let_in(status), "{address} by header from `{origin}`");
            let status = answered(address, &query, &[("origin", origin)]).await?;
            assert!(is_let_in(status), "{address} by query from `{origin}`");
        }
        for site in ["cross-site", "same-site"] {
            let headers = [
                ("authorization", bearer.as_str()),
                ("sec-fetch-site", site),
                ("host", "bot.example.org"),
            ];
            let status = answered(address, "/", &headers).await?;
            assert!(is_let_in(status), "{address} {site}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn one_right_token_suffices_wherever_it_stands() -> Result<()> {
    let setup = Setup::start().await?;
    let right = format!("/?access_token={TOKEN}");
    let (bearer, raw) = (format!("BEARER {TOKEN}"), TOKEN);
    let basic = ("authorization", "Basic dTpw");
    for address in setup.locked().await? {
        for value in [
            "Bearer ",
            "Bearer",
            "Bearer undefined",
            "Basic dTpw",
            "x",
            "",
        ] {
            let status = answered(address, &right, &[("authorization", value)]).await?;
            assert!(
                is_let_in(status),
                "{address}: `{value}` beside the right query"
            );
        }
        let token = ("authorization", bearer.as_str());
        let raw = ("authorization", raw);
        let lines: [(&str, Headers); 5] = [
            ("/", &[basic, token]),
            ("/", &[token, basic]),
            ("/", &[basic, raw]),
            ("/?access_token=wrong", &[token]),
            (
                "/?access_token=wrong&x=1",
                &[basic, ("authorization", "Bearer"), token],
            ),
        ];
        for (path, headers) in lines {
            let status = answered(address, path, headers).await?;
            assert!(is_let_in(status), "{address}: {path} with {headers:?}");
        }
        let twice = format!("/?access_token=wrong&access_token={TOKEN}");
        let status = answered(address, &twice, &[]).await?;
        assert!(
            is_let_in(status),
            "{address}: the second of two in the query"
        );
    }
    Ok(())
}

#[tokio::test]
async fn nothing_but_the_token_comes_in_where_there_is_one() -> Result<()> {
    let setup = Setup::start().await?;
    let prefix = &TOKEN[..TOKEN.len() - 1];
    let basic = ("authorization", "Basic dTpw");
    let empty = ("authorization", "Bearer ");
    let wrong = ("authorization", "Bearer wrong");
    for address in setup.locked().await? {
        let own = format!("http://{address}");
        let shorter = format!("/?access_token={prefix}");
        let requests: [(&str, Headers, u16); 9] = [
            ("/", &[], 401),
            ("/?access_token=", &[], 401),
            ("/", &[empty], 401),
            ("/", &[("origin", &own)], 401),
            ("/", &[wrong], 403),
            ("/", &[basic, wrong], 403),
            ("/?access_token=wrong", &[empty], 403),
            (&shorter, &[], 403),
            ("/", &[("cookie", TOKEN), ("x-access-token", TOKEN)], 401),
        ];
        for (path, headers, status) in requests {
            let answer = answered(address, path, headers).await?;
            assert_eq!(answer, status, "{address}: {path} with {headers:?}");
        }
    }
    let log = setup.node.log();
    ensure!(!log.contains(TOKEN), "the token stands in the log");
    Ok(())
}

#[tokio::test]
async fn without_a_token_nothing_foreign_comes_in() -> Result<()> {
    let setup = Setup::start().await?;
    let address = setup.node.client("open").await?;
    let own = format!("http://{address}");
    let other = format!("http://127.0.0.1:{}", address.port() - 1);
    let refused: [Headers; 10] = [
        &[("origin", "http://example.org")],
        &[("origin", &other)],
        &[("origin", "null")],
        &[("origin", "")],
        &[("host", "evil.example:6700")],
        &[
            ("host", "evil.example:6700"),
            ("origin", "http://evil.example:6700"),
        ],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[
            ("authorization", "Bearer whatever"),
            ("origin", "http://example.org"),
        ],
    ];
    for headers in refused {
        let status = answered(address, "/", headers).await?;
        assert_eq!(status, 403, "{headers:?}");
    }
    let accepted: [Headers; 5] = [
        &[],
        &[("origin", &own)],
        &[("authorization", "Bearer whatever")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "same-origin"), ("origin", &own)],
    ];
    for headers in accepted {
        let status = answered(address, "/", headers).await?;
        assert_eq!(status, 101, "{headers:?}");
    }
    Ok(())
}

#[tokio::test]
async fn two_lines_where_one_may_stand_are_refused_at_every_listener() -> Result<()> {
    let setup = Setup::start().await?;
    let bearer = format!("Bearer {TOKEN}");
    let token = ("authorization", bearer.as_str());
    let [client, upstream] = setup.locked().await?;
    let open = setup.node.client("open").await?;
    let leased = SdkSession::lease(setup.node.api()).await?;
    let api = setup.node.api();
    for address in [client, upstream, open, leased, api] {
        let (own, host) = (format!("http://{address}"), address.to_string());
        let (own, host) = (("origin", own.as_str()), ("host", host.as_str()));
        let doubled: [Headers; 4] = [
            &[token, host, host],
            &[token, host, ("host", "evil.example")],
            &[token, own, own],
            &[token, own, ("origin", "null")],
        ];
        for headers in doubled {
            let status = if address == api {
                get(address, "/healthz", headers).await?.status
            } else {
                answered(address, "/", headers).await?
            };
            assert_eq!(status, 400, "{address}: {headers:?}");
        }
    }
    Ok(())
}
