//! The format of messages, changed while clients are connected.

use perpetua_schema::{ClientChange, ClientEdit};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use crate::talk::{Talk, main};

async fn want(talk: &Talk, client: &str, format: &str) {
    let edit = ClientEdit {
        account: main(),
        client: client.into(),
        change: ClientChange {
            format: Some(format.into()),
            ..ClientChange::default()
        },
        instead_of: None,
    };
    let edited = talk.rpc.call(&edit).await.expect("edited");
    assert_eq!(edited.applied.pending, []);
}

/// A message as an event has it, and as it is answered later.
async fn both(client: &mut Client, text: &str) -> [Value; 2] {
    let event = client.heard(text).await.expect("heard");
    let asked = json!({ "message_id": event["message_id"] });
    let data = client.data_of("get_msg", asked).await.expect("answered");
    [event["message"].clone(), data["message"].clone()]
}

#[tokio::test]
async fn each_client_gets_its_own_from_the_next_message_on_and_stays_connected() {
    let talk = Talk::begin().await;
    let mut nonebot = talk.connect("nonebot", "/").await;
    let mut koishi = talk.connect("koishi", "/").await;
    let in_codes = |text: &str| json!(format!("{text} [CQ:face,id=1]"));
    let in_segments = |text: &str| {
        json!([
            { "type": "text", "data": { "text": format!("{text} ") } },
            { "type": "face", "data": { "id": "1" } },
        ])
    };
    for (number, format) in ["as-sent", "string", "array", "string", "as-sent"]
        .into_iter()
        .enumerate()
    {
        want(&talk, "nonebot", format).await;
        let text = format!("message {number}");
        talk.say(&format!("{text} [CQ:face,id=1]"))
            .await
            .expect("said");
        let expected = if format == "string" {
            in_codes(&text)
        } else {
            in_segments(&text)
        };
        assert_eq!(
            both(&mut nonebot, &text).await,
            [expected.clone(), expected],
            "{format}"
        );
        let expected = in_segments(&text);
        assert_eq!(both(&mut koishi, &text).await, [expected.clone(), expected]);
    }
    talk.end().await;
}
