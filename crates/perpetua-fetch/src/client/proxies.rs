//! Which requests go through a proxy: none to this machine, whatever settings or environment say.

use reqwest::{NoProxy, Proxy};
use url::Url;

use super::ClientError;

/// The addresses of this machine, as `NO_PROXY` writes them; a name stands for those below it, too.
const THIS_MACHINE: &str =
    "localhost,localhost.,127.0.0.0/8,::1,::ffff:127.0.0.0/104,0.0.0.0,::,::ffff:0.0.0.0";

/// The proxy of the settings.
pub(super) fn explicit(address: &str) -> Result<Proxy, ClientError> {
    let url = Url::parse(address).map_err(|_| ClientError::Proxy)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(ClientError::Proxy);
    }
    let proxy = Proxy::all(url).map_err(|_| ClientError::Proxy)?;
    Ok(proxy.no_proxy(NoProxy::from_string(THIS_MACHINE)))
}

/// The proxies that variables name. Lower case counts where upper case is not set; what is no address is none.
pub(super) fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Vec<Proxy> {
    let value = |name: &str| variable(name).or_else(|| variable(&name.to_ascii_lowercase()));
    let named = |name: &str| value(name).filter(|text| !text.is_empty());
    let except = match named("NO_PROXY") {
        Some(others) => format!("{others},{THIS_MACHINE}"),
        None => THIS_MACHINE.to_owned(),
    };
    let of_scheme = |name: &str, make: fn(String) -> reqwest::Result<Proxy>| {
        let address = named(name).or_else(|| named("ALL_PROXY"))?;
        let proxy = make(address).ok()?;
        Some(proxy.no_proxy(NoProxy::from_string(&except)))
    };
    let both = [
        of_scheme("HTTP_PROXY", Proxy::http),
        of_scheme("HTTPS_PROXY", Proxy::https),
    ];
    both.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{net::TcpListener, time::timeout};

    use super::of_variables;
    use crate::client::{Purpose, client_through};

    /// Whether a request for this address comes to the proxy that these variables name.
    async fn comes_to_proxy(variables: &[(&str, &str)], address: &str) -> bool {
        let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let named = format!("http://{}", proxy.local_addr().expect("bound"));
        let proxies = of_variables(|name| {
            let (_, value) = variables.iter().find(|(variable, _)| *variable == name)?;
            Some(value.replace("PROXY", &named))
        });
        let client = client_through(Purpose::Webhooks, proxies).expect("a client");
        let request = client.post(address).timeout(Duration::from_secs(5)).send();
        let comes = async {
            tokio::select! {
                came = proxy.accept() => came.is_ok(),
                _ended = request => false,
            }
        };
        timeout(Duration::from_secs(10), comes)
            .await
            .expect("either happens")
    }

    const NAMED: [&[(&str, &str)]; 5] = [
        &[("HTTP_PROXY", "PROXY")],
        &[("http_proxy", "PROXY")],
        &[("ALL_PROXY", "PROXY")],
        &[("all_proxy", "PROXY"), ("no_proxy", "else.example")],
        &[
            ("HTTP_PROXY", "PROXY"),
            ("NO_PROXY", "10.0.0.0/8, else.example"),
        ],
    ];

    #[tokio::test]
    async fn whatever_the_environment_says_this_machine_is_asked_directly() {
        for variables in NAMED {
            assert!(
                comes_to_proxy(variables, "http://host.example/x").await,
                "{variables:?}"
            );
            for host in [
                "127.0.0.1",
                "localhost",
                "localhost.",
                "127.9.9.9",
                "[::1]",
                "[::ffff:127.0.0.1]",
            ] {
                let address = format!("http://{host}:1/x");
                assert!(
                    !comes_to_proxy(variables, &address).await,
                    "{variables:?} {host}"
                );
            }
        }
    }

    #[tokio::test]
    async fn the_environment_counts_as_curl_reads_it() {
        let both = [
            ("HTTP_PROXY", "http://127.0.0.1:1"),
            ("http_proxy", "PROXY"),
        ];
        let address = "http://nothing.invalid/x";
        assert!(!comes_to_proxy(&both, address).await, "upper case first");
        for variables in [
            &[("HTTPS_PROXY", "PROXY")][..],
            &[("HTTP_PROXY", "")],
            &[("HTTP_PROXY", "ftp://host:1")],
            &[("HTTP_PROXY", "PROXY"), ("NO_PROXY", "*")],
            &[
                ("HTTP_PROXY", "PROXY"),
                ("NO_PROXY", "else.example,.invalid"),
            ],
        ] {
            assert!(!comes_to_proxy(variables, address).await, "{variables:?}");
        }
    }
}
