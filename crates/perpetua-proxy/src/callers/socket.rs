//! One caller's socket, from its first byte to its last.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use perpetua_access::WaitingPlace;
use tokio::{net::TcpStream, time::timeout};

use super::{
    Port, answer::refusal, desk::Desk, refused::CallRefused, service::answer, stream::CallerStream,
};
use crate::{listener::PendingConnection, opening::Rewound, refused::Refused, upgrade::HEAD_LIMIT};

/// How long a socket may be idle, and the head of each further request take: longer than HTTP libraries keep theirs for
/// the next request.
const IDLE_LIMIT: Duration = Duration::from_mins(2);
/// What is kept for a peer that reads slowly, in bytes; more is not asked of an answer. The longest head that comes
/// fits, too, some of it escaped.
const MAX_BUFFERED: usize = 128 << 10;

/// Answers the requests of a socket until either side ends it.
pub(super) async fn serve(pending: PendingConnection, port: Arc<Port>) {
    let PendingConnection {
        stream,
        peer,
        place: waiting,
    } = pending;
    let desk = Arc::new(Desk::new(port, peer));
    let served = Box::pin(serve_stream(stream, &desk, &waiting));
    if let Err(why) = waiting.hold(served).await {
        desk.note(&Refused::GaveWay(why).into());
    }
}

async fn serve_stream(stream: TcpStream, desk: &Arc<Desk>, waiting: &WaitingPlace) {
    let stop = &desk.port.stop;
    let opening = timeout(HEAD_LIMIT, Rewound::after_head(stream));
    let Some(opening) = stop.run_until_cancelled(opening).await else {
        return;
    };
    let Ok(opening) = opening else {
        desk.note(&Refused::TooSlow.into());
        return;
    };
    let Some(opening) = opening else {
        return;
    };
    if let Some(fault) = opening.fault() {
        let refused = CallRefused::AtPort(fault);
        desk.note(&refused);
        opening.refuse(refusal(&refused, true)).await;
        return;
    }
    serve_requests(CallerStream::new(opening, Arc::clone(desk)), desk, waiting).await;
}

async fn serve_requests(stream: CallerStream, desk: &Arc<Desk>, waiting: &WaitingPlace) {
    let service = service_fn(|request| {
        let answered = Box::pin(answer(request, Arc::clone(desk), waiting));
        async { Ok::<_, Infallible>(answered.await) }
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(IDLE_LIMIT)
            .max_buf_size(MAX_BUFFERED)
            .serve_connection(TokioIo::new(stream), service)
    );
    let mut is_last = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                // What was being written is still in the hub.
                desk.tell_if_stuck();
                if ended.is_err_and(|error| error.is_parse()) {
                    desk.note(&Refused::NotHttp.into());
                }
                return;
            }
            () = desk.cut_while_writing() => return,
            () = desk.port.stop.cancelled(), if !is_last => {
                is_last = true;
                connection.as_mut().graceful_shutdown();
            }
            () = desk.leaves.cancelled(), if !is_last => {
                is_last = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}
