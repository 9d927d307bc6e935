//! A core that is uploaded, from the HTTP side to the installer.

use bytes::Bytes;
use perpetua_fetch::UploadError;
use perpetua_http::{Answer, NoMore, Receive};
use perpetua_schema::{CoreJob, ErrorCode, RpcError};
use perpetua_supervisor::installer::{IncomingCore, ReceiveError};
use perpetua_words::{Message, install as words};

use super::InstalledCores;
use crate::refusal;

/// One that comes in.
struct Receiving {
    incoming: IncomingCore,
    cores: InstalledCores,
}

impl InstalledCores {
    /// Begins to install a file that is uploaded, unless something else is being installed.
    pub(crate) async fn receive(
        &self,
        name: &str,
        size: Option<u64>,
    ) -> Result<Box<dyn Receive>, RpcError> {
        let incoming = self.installer.receive(name, size).await;
        let incoming = incoming.map_err(|error| not_begun(&error))?;
        Ok(Box::new(Receiving {
            incoming,
            cores: self.clone(),
        }))
    }
}

impl Receive for Receiving {
    fn take(&mut self, piece: Bytes) -> Answer<'_, Result<(), RpcError>> {
        Box::pin(async move {
            let taken = self.incoming.write(&piece).await;
            taken.map_err(|error| refused(&error))
        })
    }

    fn called_off(&self) -> Answer<'static, ()> {
        Box::pin(self.incoming.called_off())
    }

    fn no_more(mut self: Box<Self>, why: NoMore) -> RpcError {
        let error = match why {
            NoMore::CalledOff => UploadError::Canceled,
            NoMore::BrokenOff => UploadError::BrokenOff(self.incoming.received()),
            NoMore::Silent(limit) => UploadError::Silent(limit.as_secs()),
        };
        self.incoming.fail(&error);
        refused(&error)
    }

    fn whole(self: Box<Self>) -> Answer<'static, Result<CoreJob, RpcError>> {
        Box::pin(async move {
            let Self { incoming, cores } = *self;
            incoming.finish().await.map_err(|error| refused(&error))?;
            Ok(cores.job())
        })
    }
}

fn not_begun(error: &ReceiveError) -> RpcError {
    match error {
        ReceiveError::Upload(error) => refused(error),
        ReceiveError::Refused(problem) => {
            RpcError::new(ErrorCode::Conflict, Message::from(problem))
        }
        ReceiveError::Stopping => RpcError::new(ErrorCode::Unavailable, words::Stopping),
    }
}

fn refused(error: &UploadError) -> RpcError {
    match error {
        UploadError::Disk(error) => refusal::of_file(error),
        UploadError::Canceled => RpcError::new(ErrorCode::Conflict, error),
        error => RpcError::new(ErrorCode::BadRequest, error),
    }
}

#[cfg(test)]
mod tests {
    use perpetua_fetch::UploadError;
    use perpetua_lifecycle::InstallProblem;
    use perpetua_schema::ErrorCode;
    use perpetua_supervisor::installer::ReceiveError;
    use perpetua_words::install as words;

    use super::not_begun;

    #[test]
    fn what_may_begin_later_is_told_from_what_the_file_is() {
        let busy = InstallProblem::Failed(words::AnotherUnderWay.into());
        for (error, code, said) in [
            (
                ReceiveError::Stopping,
                ErrorCode::Unavailable,
                "install.stopping",
            ),
            (
                ReceiveError::Refused(busy),
                ErrorCode::Conflict,
                "install.another_under_way",
            ),
            (
                ReceiveError::Upload(UploadError::Empty),
                ErrorCode::BadRequest,
                "install.upload_empty",
            ),
        ] {
            let refused = not_begun(&error);
            assert_eq!((refused.code, &*refused.message.code), (code, said));
        }
    }
}
