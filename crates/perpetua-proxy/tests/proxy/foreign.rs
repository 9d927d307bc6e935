//! What answers at an upstream's address and is none, or refuses our token: said in words, and
//! dialled again no sooner than makes sense.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{LinkFailure, close_reason};
use perpetua_words::{Message, link as words};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use crate::{
    dialling::Dialled,
    time::{Frozen, settle},
    wire::{BINARY, CLOSE, TEXT, Wire, read_head},
};

/// The first connection is given to `answer`; what the account shows after it.
async fn shown(
    time: &Frozen,
    dialled: &Dialled,
    answer: impl AsyncFnOnce(TcpStream) -> Result<()>,
) -> Result<LinkFailure> {
    let (stream, _node) = dialled.listener.accept().await?;
    answer(stream).await?;
    let failed = async {
        loop {
            match dialled.failure() {
                Some(failure) => break failure,
                None => settle().await,
            }
        }
    };
    Ok(time.until(failed).await.0)
}

/// As [`shown`], of someone who upgrades the connection first and does not leave.
async fn shown_of_websocket(
    answer: impl AsyncFnOnce(&mut Wire) -> Result<()>,
) -> Result<LinkFailure> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut open = None;
    shown(&time, &dialled, async |stream| {
        let (mut upstream, _head) = Wire::accept(stream).await?;
        answer(&mut upstream).await?;
        open = Some(upstream);
        Ok(())
    })
    .await
}

async fn http(stream: &mut TcpStream, answer: &str) -> Result<()> {
    read_head(stream).await?;
    Ok(stream.write_all(answer.as_bytes()).await?)
}

/// It is shown, and nobody is dialled for five minutes.
async fn is_a_wrong_token(answer: impl AsyncFnOnce(TcpStream) -> Result<()>) -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    assert_eq!(
        shown(&time, &dialled, answer).await?,
        LinkFailure::WrongToken
    );
    let (_, waited) = time.until(dialled.listener.accept()).await;
    let five_minutes = Duration::from_mins(5);
    assert!(waited + Duration::from_secs(2) > five_minutes, "{waited:?}");
    assert!(waited <= five_minutes, "{waited:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_wants_a_token_and_is_shown_none_is_no_wrong_token() -> Result<()> {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let time = Frozen::time();
        let dialled = Dialled::without_token().await?;
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let failure = shown(&time, &dialled, async |mut stream| {
            http(&mut stream, &answer).await
        });
        assert_eq!(failure.await?, LinkFailure::TokenMissing, "{status}");
    }
    let time = Frozen::time();
    let dialled = Dialled::without_token().await?;
    let failure = shown(&time, &dialled, async |stream| {
        let (mut upstream, _head) = Wire::accept(stream).await?;
        upstream.send(CLOSE, &1008_u16.to_be_bytes()).await
    });
    assert_eq!(failure.await?, LinkFailure::TokenMissing);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_status_says_what_is_to_be_done() -> Result<()> {
    for (answer, code, part) in [
        (
            "301 Moved Permanently\r\nlocation: wss://bot.example/ws?token=abc",
            "link.redirected",
            "`wss://bot.example/ws`",
        ),
        ("302 Found", "link.refused", "302"),
        ("404 Not Found", "link.refused", "path"),
        ("502 Bad Gateway", "link.failing", "reverse proxy"),
        ("503 Service Unavailable", "link.failing", "503"),
    ] {
        let time = Frozen::time();
        let dialled = Dialled::start().await?;
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
        let failure = shown(&time, &dialled, async |mut stream| {
            http(&mut stream, &answer).await
        });
        let said = Message::from(&failure.await?);
        assert_eq!(said.code, code, "{said}");
        assert!(said.to_string().contains(part), "{said}");
        assert!(!said.to_string().contains("abc"), "{said}");
    }
    Ok(())
}

const REFUSED: &[u8] =
    br#"{"status":"failed","retcode":1403,"data":null,"message":"token","wording":"token","echo":null}"#;

#[tokio::test(start_paused = true)]
async fn http_401_and_403_are_a_wrong_token() -> Result<()> {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        is_a_wrong_token(async |mut stream| {
            http(
                &mut stream,
                &format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"),
            )
            .await
        })
        .await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_1403_frame_and_an_end_are_a_wrong_token() -> Result<()> {
    is_a_wrong_token(async |stream| {
        let (mut upstream, _head) = Wire::accept(stream).await?;
        upstream.send(TEXT, REFUSED).await
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_1403_frame_without_an_echo_and_close_1008_are_a_wrong_token() -> Result<()> {
    is_a_wrong_token(async |stream| {
        let (mut upstream, _head) = Wire::accept(stream).await?;
        upstream
            .send(TEXT, br#"{"status":"failed","retcode":1403}"#)
            .await?;
        upstream.send(CLOSE, &1008_u16.to_be_bytes()).await
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn close_1008_alone_is_a_wrong_token() -> Result<()> {
    is_a_wrong_token(async |stream| {
        let (mut upstream, _head) = Wire::accept(stream).await?;
        upstream.send(CLOSE, &1008_u16.to_be_bytes()).await
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn close_1008_of_an_upstream_that_had_let_us_in_is_no_wrong_token() -> Result<()> {
    let failure = shown_of_websocket(async |upstream| {
        upstream
            .send(
                TEXT,
                br#"{"post_type":"meta_event","meta_event_type":"lifecycle","self_id":1}"#,
            )
            .await?;
        upstream
            .send(CLOSE, &[&1008_u16.to_be_bytes()[..], b"kicked"].concat())
            .await
    })
    .await?;
    assert_eq!(
        failure,
        LinkFailure::Lost(
            words::ClosedByIt {
                reason: close_reason(1008, "kicked")
            }
            .into()
        )
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_1403_without_an_echo_from_an_upstream_that_had_let_us_in_is_no_wrong_token() -> Result<()>
{
    let shown_before: [&[u8]; 3] = [
        br#"{"post_type":"meta_event","meta_event_type":"lifecycle","self_id":1}"#,
        br#"{"post_type":"message","message_type":"group","self_id":1}"#,
        br#"{"status":"ok","retcode":0,"data":{"user_id":1},"echo":"p1"}"#,
    ];
    for before in shown_before {
        for refused in [REFUSED, br#"{"status":"failed","retcode":1403}"#] {
            let failure = shown_of_websocket(async |upstream| {
                upstream.send(TEXT, before).await?;
                upstream.send(TEXT, refused).await?;
                let bye = [&1000_u16.to_be_bytes()[..], b"bye"].concat();
                upstream.send(CLOSE, &bye).await
            })
            .await?;
            let reason = close_reason(1000, "bye");
            assert_eq!(
                failure,
                LinkFailure::Lost(words::ClosedByIt { reason }.into())
            );
        }
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn other_http_answers_are_told_apart() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let page = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
    let failure = shown(&time, &dialled, async |mut stream| {
        http(&mut stream, page).await
    })
    .await?;
    let page = words::WebServer { status: 200_u16 };
    assert_eq!(failure, LinkFailure::NotOneBot(page.into()));
    let dialled = Dialled::start().await?;
    let missing = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
    let failure = shown(&time, &dialled, async |mut stream| {
        http(&mut stream, missing).await
    })
    .await?;
    assert_eq!(failure, LinkFailure::Refused(404));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_server_of_another_protocol_speaks_no_onebot() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let failure = shown(&time, &dialled, async |mut stream| {
        Ok(stream
            .write_all(b"220 mail.example ESMTP\r\n\x00\xff\r\n")
            .await?)
    })
    .await?;
    assert!(matches!(failure, LinkFailure::NotOneBot(_)), "{failure}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_unreachable() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::start().await?;
    let mut silent = None;
    let failure = shown(&time, &dialled, async |stream| {
        silent = Some(stream);
        Ok(())
    })
    .await?;
    assert_eq!(
        failure,
        LinkFailure::Unreachable(words::NoAnswer { seconds: 10 }.into())
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_echo_server_speaks_no_onebot() -> Result<()> {
    let failure = shown_of_websocket(async |upstream| {
        let action = upstream.frame_of(TEXT).await?;
        upstream.send(TEXT, &action.payload).await?;
        let farewell = upstream.frame_of(CLOSE).await?;
        assert_eq!(farewell.close_reason()?, (1002, "this is not OneBot v11"));
        Ok(())
    })
    .await?;
    assert_eq!(failure, LinkFailure::NotOneBot(words::SentOtherJson.into()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn chatter_and_binary_frames_are_no_onebot() -> Result<()> {
    let failure = shown_of_websocket(async |upstream| upstream.send(TEXT, b"hello").await).await?;
    assert_eq!(failure, LinkFailure::NotOneBot(words::SentOtherText.into()));
    let failure =
        shown_of_websocket(async |upstream| upstream.send(BINARY, b"\xff\xfe").await).await?;
    assert_eq!(failure, LinkFailure::NotOneBot(words::SentBinary.into()));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn silence_for_15_seconds_is_no_onebot() -> Result<()> {
    let begin = tokio::time::Instant::now();
    let failure = shown_of_websocket(async |_upstream| Ok(())).await?;
    assert_eq!(failure, LinkFailure::NotOneBot(words::SentNothing.into()));
    assert!(begin.elapsed() >= Duration::from_secs(15));
    assert!(begin.elapsed() <= Duration::from_secs(17));
    Ok(())
}
