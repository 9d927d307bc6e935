//! `POST /rpc/core_upload?name=…`: an archive of the core, as the body and nothing else.
//!
//! It is passed on piece by piece and never held. It may take as long as it takes: a link of 1 Mbit/s needs seven
//! minutes for a core. Only silence ends it, and whatever ends what else a browser may do: its session, the node.

use std::{pin::Pin, sync::Arc, time::Duration};

use axum::{
    Extension, Json,
    body::{Body, HttpBody},
    extract::{Query, State},
};
use bytes::Bytes;
use futures_util::future::pending;
use http::StatusCode;
use http_body_util::BodyExt;
use perpetua_schema::{CoreJob, ErrorCode};
use perpetua_words::install as words;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    admission::BrowserSession, backend::NoMore, events::session_over, rpc::Failure, session::over,
    site::Site,
};

/// How long nothing may come: longer than a radio link is away, and than a browser that is put to sleep and woken.
const SILENCE: Duration = Duration::from_mins(1);

/// How much of a body is still read after the answer is known, in bytes, and for how long: browsers send all of it
/// before they read, and see a reset instead of the answer when nobody takes it. No core is larger, and one of 50 MB
/// comes over 1 Mbit/s in half of that time.
const DISCARDED: usize = 500_000_000;
const DISCARD_LIMIT: Duration = Duration::from_mins(15);

/// Takes the file in, and tells how the installation stands that it begins.
pub(crate) async fn upload(
    State(site): State<Arc<Site>>,
    session: Option<Extension<BrowserSession>>,
    Query(query): Query<Vec<(String, String)>>,
    mut body: Body,
) -> Result<Json<CoreJob>, Failure> {
    let named = query.into_iter().find(|(key, _)| key == "name");
    let name = named.map_or_else(String::new, |(_, name)| name);
    let ended: Ended = match session {
        Some(Extension(BrowserSession(id))) => Box::pin(session_over(Arc::clone(&site), id)),
        None => Box::pin(pending()),
    };
    let taken = take(&site, name, &mut body, ended).await;
    if taken.is_err() {
        let cancel = site.cancel.clone();
        site.tasks.spawn("discarded upload", discard(body, cancel));
    }
    taken.map(Json)
}

/// Is there when the one who sends may not any longer.
type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

async fn take(
    site: &Site,
    name: String,
    body: &mut Body,
    mut ended: Ended,
) -> Result<CoreJob, Failure> {
    let announced = body.size_hint().exact();
    let mut file = site.backend.receive_core(name, announced).await?;
    let mut called_off = file.called_off();
    loop {
        let next = tokio::select! {
            biased;
            () = site.cancel.cancelled() => return Err(stopping()),
            () = &mut ended => return Err(over(false)),
            () = &mut called_off => return Err(file.no_more(NoMore::CalledOff).into()),
            next = piece(body) => next,
        };
        match next {
            Ok(Some(piece)) => file.take(piece).await?,
            Ok(None) => return Ok(file.whole().await?),
            Err(why) => return Err(file.no_more(why).into()),
        }
    }
}

/// The next piece of the body, which has to come soon; `None` at its end.
async fn piece(body: &mut Body) -> Result<Option<Bytes>, NoMore> {
    loop {
        let frame = timeout(SILENCE, body.frame()).await;
        let Some(frame) = frame.map_err(|_| NoMore::Silent(SILENCE))? else {
            return Ok(None);
        };
        if let Ok(data) = frame.map_err(|_| NoMore::BrokenOff)?.into_data() {
            return Ok(Some(data));
        }
    }
}

/// Reads what still comes, until the node ends.
async fn discard(mut body: Body, cancel: CancellationToken) {
    let reading = async {
        let mut discarded = 0;
        while discarded < DISCARDED
            && let Ok(Some(piece)) = piece(&mut body).await
        {
            discarded += piece.len();
        }
    };
    let reading = timeout(DISCARD_LIMIT, reading);
    let _whatever_came = cancel.run_until_cancelled(reading).await;
}

fn stopping() -> Failure {
    Failure::new(
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Unavailable,
        words::Stopping,
    )
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, time::Duration};

    use axum::body::{Body, Bytes};
    use futures_util::stream;
    use tokio::time::{Instant, sleep};

    use super::{CancellationToken, DISCARD_LIMIT, NoMore, SILENCE, discard, piece};

    #[tokio::test(start_paused = true)]
    async fn what_nobody_wants_is_read_until_the_node_ends_or_nothing_comes_or_it_takes_too_long() {
        let drops = || {
            stream::unfold((), async |()| {
                sleep(Duration::from_secs(1)).await;
                Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), ()))
            })
        };
        let begun = Instant::now();
        discard(Body::from_stream(drops()), CancellationToken::new()).await;
        assert_eq!(begun.elapsed(), DISCARD_LIMIT);

        let (silent, begun) = (
            stream::pending::<Result<Bytes, Infallible>>(),
            Instant::now(),
        );
        discard(Body::from_stream(silent), CancellationToken::new()).await;
        assert_eq!(begun.elapsed(), SILENCE);

        let (cancel, begun) = (CancellationToken::new(), Instant::now());
        let reading = discard(Body::from_stream(drops()), cancel.clone());
        let ending = async {
            sleep(Duration::from_secs(10)).await;
            cancel.cancel();
        };
        tokio::join!(reading, ending);
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_that_is_slow_and_steady_may_take_an_hour() {
        let slow = stream::unfold(0, async |sent| {
            sleep(Duration::from_secs(50)).await;
            (sent < 72).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"x")), sent + 1))
        });
        let (mut body, begun) = (Body::from_stream(slow), Instant::now());
        let mut came = 0;
        while piece(&mut body).await.expect("more").is_some() {
            came += 1;
        }
        assert_eq!(came, 72);
        assert!(begun.elapsed() >= Duration::from_hours(1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_says_nothing_any_more_is_given_up() {
        let silent = stream::pending::<Result<Bytes, Infallible>>();
        let begun = Instant::now();
        let given_up = piece(&mut Body::from_stream(silent)).await;
        assert_eq!(given_up, Err(NoMore::Silent(SILENCE)));
        assert_eq!(begun.elapsed(), SILENCE);
    }
}
