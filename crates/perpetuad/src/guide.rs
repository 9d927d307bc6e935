//! `perpetuad guide`: what to paste into a framework so that it finds its port.

use std::fmt::Write;

use perpetua_schema::Status;

use crate::{
    arguments::{ClientName, PlaceArguments},
    output, place,
    remote::Remote,
    token,
};

pub(crate) fn guide(place: &PlaceArguments, wanted: Option<&ClientName>) -> anyhow::Result<()> {
    let status = Remote::find(&place::folders(place)?)?.call(&Status {})?;
    for account in &status.accounts {
        for client in &account.clients {
            let name = ClientName {
                account: account.name.clone(),
                client: client.name.clone(),
            };
            let Some(listen) = client.listen.as_deref() else {
                continue;
            };
            if wanted.is_some_and(|wanted| *wanted != name) {
                continue;
            }
            let token = token::find(place, &name)?;
            let guide = Guide {
                listen,
                token: token.as_deref(),
                self_id: account.self_id,
            };
            output::print(&guide.render(&name)?)?;
        }
    }
    Ok(())
}

/// What a framework has to know.
struct Guide<'a> {
    listen: &'a str,
    token: Option<&'a str>,
    self_id: Option<i64>,
}

impl Guide<'_> {
    fn render(&self, name: &ClientName) -> Result<String, std::fmt::Error> {
        let (listen, token) = (self.listen, self.token.unwrap_or_default());
        let self_id = self.self_id.map_or_else(
            || "机器人 QQ 号 / the bot's QQ number".into(),
            |id| id.to_string(),
        );
        let mut page = String::new();
        writeln!(page, "── {name} ──")?;
        writeln!(page, "地址 address   ws://{listen}")?;
        writeln!(
            page,
            "token          {}",
            self.token.unwrap_or("(不需要 / none needed)")
        )?;
        writeln!(page, "\nNoneBot (.env):")?;
        writeln!(page, "DRIVER=~aiohttp")?;
        writeln!(page, "ONEBOT_WS_URLS=[\"ws://{listen}\"]")?;
        writeln!(page, "ONEBOT_ACCESS_TOKEN={token}")?;
        writeln!(page, "\nKoishi (koishi.yml, plugins → adapter-onebot):")?;
        writeln!(page, "selfId: \"{self_id}\"")?;
        writeln!(page, "protocol: ws")?;
        writeln!(page, "endpoint: ws://{listen}")?;
        writeln!(page, "token: {token}\n")?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::Guide;

    #[test]
    fn the_guide_holds_address_and_token_for_both_frameworks() {
        let guide = Guide {
            listen: "127.0.0.1:6700",
            token: Some("t0ken"),
            self_id: Some(10000),
        };
        let page = guide
            .render(&"main/bot".parse().expect("valid"))
            .expect("written");
        assert_eq!(page.matches("ws://127.0.0.1:6700").count(), 3);
        assert!(page.contains("ONEBOT_ACCESS_TOKEN=t0ken\n"));
        assert!(page.contains("selfId: \"10000\"\n"));
        assert!(page.contains("token: t0ken\n"));
    }
}
