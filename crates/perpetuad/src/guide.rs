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
            if wanted.is_none_or(|wanted| *wanted == name) {
                let token = token::find(place, &name)?;
                output::print(&render(&name, listen, token.as_deref())?)?;
            }
        }
    }
    Ok(())
}

fn render(name: &ClientName, listen: &str, token: Option<&str>) -> Result<String, std::fmt::Error> {
    let mut page = String::new();
    let shown = token.unwrap_or("");
    writeln!(page, "── {name} ──")?;
    writeln!(page, "地址 address   ws://{listen}")?;
    writeln!(
        page,
        "token          {}",
        token.unwrap_or("(不需要 / none needed)")
    )?;
    writeln!(page, "\nNoneBot (.env):")?;
    writeln!(page, "DRIVER=~aiohttp")?;
    writeln!(page, "ONEBOT_WS_URLS=[\"ws://{listen}\"]")?;
    writeln!(page, "ONEBOT_ACCESS_TOKEN={shown}")?;
    writeln!(page, "\nKoishi (koishi.yml, adapter-onebot):")?;
    writeln!(page, "protocol: ws")?;
    writeln!(page, "endpoint: ws://{listen}")?;
    writeln!(page, "token: {shown}\n")?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn the_guide_holds_address_and_token_for_both_frameworks() {
        let page = render(
            &"main/bot".parse().expect("valid"),
            "127.0.0.1:6700",
            Some("t0ken"),
        )
        .expect("written");
        assert_eq!(page.matches("ws://127.0.0.1:6700").count(), 3);
        assert!(page.contains("ONEBOT_ACCESS_TOKEN=t0ken\n"));
        assert!(page.contains("token: t0ken\n"));
    }
}
