//! The settings of the network, typed.

use perpetua_accounts::named_secret_name;
use perpetua_config::{
    Account, Config, HttpUrl, HttpUrlError, LagrangeUpstream, ProxySource, TokenSource, Upstream,
    edit::{self, EditError, Place, Written},
};
use perpetua_lagrange::ProxyUrl;
use perpetua_schema::{
    ErrorCode, NetworkChange, NetworkEdit, NetworkEdited, NetworkSettings, ProxyKept, ProxyShown,
    RpcError, SignProxy,
};
use perpetua_secrets::Secret;
use perpetua_words::edit as words;

use super::{
    Edits, bad_request, not_edited, opening, ports,
    preferences::shown_place,
    secrets::{self, Stored, Unused},
};
use crate::settings_file::Present;

/// The secrets that proxies with a password are kept as; another number stands behind it when it is taken.
const DOWNLOAD_SECRET: &str = "download-proxy";
const SIGN_SECRET: &str = "signer-proxy";

/// A value of a key; `None` takes it out.
type Value = Option<Written>;

/// What is written, each where it is to be changed.
#[derive(Default)]
struct Values {
    listen: Option<Value>,
    hosts: Option<Value>,
    download_proxy: Option<Value>,
    sign_proxy: Option<Value>,
    lease_ports: Option<Value>,
}

impl Edits {
    /// What the settings say of the network.
    pub(crate) async fn network(&self) -> Result<NetworkSettings, RpcError> {
        Ok(shown(&self.settings.present().await?.config))
    }

    /// Changes some of it.
    pub(crate) async fn edit_network(&self, call: NetworkEdit) -> Result<NetworkEdited, RpcError> {
        let present = self.settings.present().await?;
        unchanged_meanwhile(&call, &present.config)?;
        if let Some(listen) = &call.change.listen {
            self.can_listen(ports::entered(listen)?).await?;
        }
        let mut values = values(&call, &present.config)?;
        self.may_leave(proxies_in_store(&call.change, &present.config))
            .await?;
        let mut stored = Vec::new();
        let proxies = [
            (
                &call.change.download_proxy,
                DOWNLOAD_SECRET,
                &mut values.download_proxy,
            ),
            (&call.change.sign_proxy, SIGN_SECRET, &mut values.sign_proxy),
        ];
        for (typed, secret, value) in proxies {
            let Some(typed) = typed else { continue };
            match self.proxy(typed, secret, &present).await {
                Ok((written, kept)) => {
                    *value = Some(written);
                    stored.extend(kept);
                }
                Err(error) => {
                    for stored in stored {
                        self.take_back(stored).await;
                    }
                    return Err(error);
                }
            }
        }
        let keeps_secret = !stored.is_empty();
        let change = self.settings.change(move |present| {
            unchanged_meanwhile(&call, &present.config)?;
            let text = edited(&present.text, &present.config, &values);
            let text = text.map_err(|error| not_edited(&error))?;
            let unused = Unused::of_text(&present.config, &text);
            let undo = (!keeps_secret && !is_one_way(&call.change, &present.config))
                .then(|| former(&call.change, &present.config));
            let now = perpetua_config::parse(&text)
                .map(|next| former(&call.change, &next))
                .unwrap_or_default();
            Ok((text, (undo, now, unused)))
        });
        let (mut applied, (undo, now, unused)) = self.with_stored(stored, change).await?;
        self.remove_unused(unused, &mut applied).await;
        Ok(NetworkEdited { applied, undo, now })
    }

    /// What is written for a proxy that was typed, and the secret that was stored for it.
    async fn proxy(
        &self,
        typed: &str,
        secret: &str,
        present: &Present,
    ) -> Result<(Value, Option<Stored>), RpcError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Ok((None, None));
        }
        let typed = if typed.contains("://") {
            typed.to_owned()
        } else {
            format!("http://{typed}")
        };
        if HttpUrl::new(&typed) != Err(HttpUrlError::Secret) {
            // What is no proxy is refused with the text.
            return Ok((Some(Written::Text(typed)), None));
        }
        let proxy = ProxyUrl::new(&typed).map_err(|error| bad_request(&error))?;
        let value = Secret::new(proxy.expose());
        let value = value.map_err(|_not_visible| bad_request(words::ProxyAddress))?;
        let name = self
            .free_secret_name(&present.config, secret.to_owned())
            .await?;
        let stored = self.store(named_secret_name(&name), value).await?;
        Ok((
            Some(Written::Secret(TokenSource::Secret(name))),
            Some(stored),
        ))
    }
}

/// Refuses a change of what is something else by now.
fn unchanged_meanwhile(call: &NetworkEdit, config: &Config) -> Result<(), RpcError> {
    let is_as_seen = |seen: &NetworkChange| *seen == former(&call.change, config);
    if call.instead_of.as_ref().is_none_or(is_as_seen) {
        return Ok(());
    }
    Err(RpcError::new(ErrorCode::Conflict, words::ChangedMeanwhile))
}

/// The values of a change, but for the proxies.
fn values(call: &NetworkEdit, config: &Config) -> Result<Values, RpcError> {
    let mut values = Values::default();
    if let Some(listen) = &call.change.listen {
        let address = ports::entered(listen)?;
        opening::agreed(config.api.listen, address, call.opens)?;
        values.listen = Some(Some(Written::Text(address.to_string())));
    }
    if let Some(hosts) = &call.change.hosts {
        let hosts = hosts.iter().map(|host| host.trim().to_lowercase());
        let hosts: Vec<_> = hosts.filter(|host| !host.is_empty()).collect();
        opening::can_be_hosts(&hosts, &config.api.allow_hosts)?;
        opening::keeps(call.keeps_host.as_deref(), &config.api.allow_hosts, &hosts)?;
        values.hosts = Some((!hosts.is_empty()).then_some(Written::Texts(hosts)));
    }
    if call.change.sign_proxy.is_some() && lagranges(config).next().is_none() {
        return Err(bad_request(words::NoCoreAccount));
    }
    if let Some(ports) = &call.change.lease_ports {
        let ports = match ports::range(ports) {
            Some(range) => ports::written(&range),
            // What is no range is refused with the text.
            None => ports.trim().to_owned(),
        };
        values.lease_ports = Some((!ports.is_empty()).then_some(Written::Text(ports)));
    }
    can_lease(call, config)?;
    Ok(values)
}

/// Refuses ports to lease that are all taken by the settings.
fn can_lease(call: &NetworkEdit, config: &Config) -> Result<(), RpcError> {
    let change = &call.change;
    if change.lease_ports.is_none() && change.listen.is_none() {
        return Ok(());
    }
    let range = match &change.lease_ports {
        Some(typed) => ports::range(typed),
        None => config.discovery.range.clone(),
    };
    let listen = change.listen.as_deref().map(ports::entered).transpose()?;
    let listen = listen.unwrap_or(config.api.listen);
    range.map_or(Ok(()), |range| ports::can_lease(&range, listen, config))
}

/// The secrets of the store that are proxies which are to be others.
fn proxies_in_store(change: &NetworkChange, config: &Config) -> Vec<String> {
    let download = config.core.proxy.as_ref();
    let download = download.filter(|_| change.download_proxy.is_some());
    let signing = lagranges(config).filter_map(|(_, lagrange)| lagrange.sign_proxy.as_ref());
    let signing = signing.filter(|_| change.sign_proxy.is_some());
    let named = download
        .into_iter()
        .chain(signing)
        .filter_map(secrets::of_proxy);
    named.map(|name| named_secret_name(&name)).collect()
}

/// The text with the values.
fn edited(text: &str, config: &Config, values: &Values) -> Result<String, EditError> {
    let own = [
        ("api", "listen", &values.listen),
        ("api", "allow-hosts", &values.hosts),
        ("core", "proxy", &values.download_proxy),
        ("discovery", "range", &values.lease_ports),
    ];
    let own = own.map(|(section, key, value)| (Place::Section(section), key, value));
    let of_accounts = lagranges(config).map(|(account, _)| {
        let place = Place::Upstream(&account.name);
        (place, "sign-proxy", &values.sign_proxy)
    });
    let mut text = text.to_owned();
    for (place, key, value) in own.into_iter().chain(of_accounts) {
        if let Some(value) = value {
            text = edit::set(&text, place, key, value.as_ref())?;
        }
    }
    Ok(text)
}

/// The accounts with a core.
fn lagranges(config: &Config) -> impl Iterator<Item = (&Account, &LagrangeUpstream)> {
    let accounts = config.accounts.iter();
    accounts.filter_map(|account| match &account.upstream {
        Upstream::Lagrange(lagrange) => Some((account, lagrange)),
        Upstream::Simulator | Upstream::Onebot(_) | Upstream::OnebotReverse(_) => None,
    })
}

fn shown(config: &Config) -> NetworkSettings {
    NetworkSettings {
        listen: config.api.listen.to_string(),
        hosts: config.api.allow_hosts.clone(),
        download_proxy: config.core.proxy.as_ref().map(shown_proxy),
        sign_proxy: sign_proxy(config),
        lease_ports: config.discovery.range.as_ref().map(ports::written),
    }
}

fn shown_proxy(proxy: &ProxySource) -> ProxyShown {
    match proxy {
        ProxySource::Plain(url) => ProxyShown {
            address: url.to_string(),
            kept: ProxyKept::Settings,
        },
        ProxySource::From(place) => ProxyShown {
            address: shown_place(place),
            kept: match place {
                TokenSource::Secret(_) => ProxyKept::Store,
                TokenSource::Env(_) => ProxyKept::Environment,
                TokenSource::File(_) => ProxyKept::File,
            },
        },
    }
}

fn sign_proxy(config: &Config) -> SignProxy {
    let mut proxies = lagranges(config).map(|(_, lagrange)| lagrange.sign_proxy.as_ref());
    let Some(first) = proxies.next() else {
        return SignProxy::Unused;
    };
    if proxies.all(|proxy| proxy == first) {
        let proxy = first.map(shown_proxy);
        SignProxy::Same { proxy }
    } else {
        SignProxy::Different
    }
}

/// Whether no address would give back what is changed: accounts differ in it, or it is kept elsewhere.
fn is_one_way(change: &NetworkChange, config: &Config) -> bool {
    let now = shown(config);
    let is_elsewhere = |proxy: &Option<ProxyShown>| {
        let proxy = proxy.as_ref();
        proxy.is_some_and(|proxy| proxy.kept != ProxyKept::Settings)
    };
    let signing = match &now.sign_proxy {
        SignProxy::Different => true,
        SignProxy::Same { proxy } => is_elsewhere(proxy),
        SignProxy::Unused => false,
    };
    (change.sign_proxy.is_some() && signing)
        || (change.download_proxy.is_some() && is_elsewhere(&now.download_proxy))
}

/// What was shown of what is changed.
fn former(change: &NetworkChange, config: &Config) -> NetworkChange {
    let now = shown(config);
    let address = |proxy: Option<ProxyShown>| proxy.map_or_else(String::new, |proxy| proxy.address);
    let signing = match now.sign_proxy {
        SignProxy::Same { proxy } => proxy,
        SignProxy::Unused | SignProxy::Different => None,
    };
    NetworkChange {
        listen: change.listen.as_ref().map(|_| now.listen),
        hosts: change.hosts.as_ref().map(|_| now.hosts),
        download_proxy: change
            .download_proxy
            .as_ref()
            .map(|_| address(now.download_proxy)),
        sign_proxy: change.sign_proxy.as_ref().map(|_| address(signing)),
        lease_ports: change
            .lease_ports
            .as_ref()
            .map(|_| now.lease_ports.unwrap_or_default()),
    }
}
