//! A core that is being uploaded: whoever takes it in holds the one end, the installer's job the other.

use perpetua_fetch::{InstallError, InstallProgress, Upload, UploadError, Uploaded};
use perpetua_words::Message;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A core that comes in piece by piece. Dropped before it is whole, its job fails and leaves nothing.
#[derive(Debug)]
pub struct IncomingCore {
    upload: Upload,
    whole: Option<Whole>,
    cancel: CancellationToken,
}

type Whole = oneshot::Sender<Result<Uploaded, Message>>;

/// What the job holds meanwhile.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) whole: oneshot::Receiver<Result<Uploaded, Message>>,
    pub(super) told: watch::Sender<InstallProgress>,
    pub(super) cancel: CancellationToken,
}

impl IncomingCore {
    /// Both ends of an upload that tells its progress to `told`.
    pub(super) fn new(upload: Upload, told: watch::Sender<InstallProgress>) -> (Self, Arriving) {
        let (whole, comes) = oneshot::channel();
        let cancel = CancellationToken::new();
        let incoming = Self {
            upload,
            whole: Some(whole),
            cancel: cancel.clone(),
        };
        let arriving = Arriving {
            whole: comes,
            told,
            cancel,
        };
        (incoming, arriving)
    }

    /// Takes the next piece; an error has ended the job too.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), UploadError> {
        if self.cancel.is_cancelled() {
            return Err(UploadError::Canceled);
        }
        let written = self.upload.write(piece).await;
        if let Err(error) = &written {
            self.fail(error);
        }
        written
    }

    /// All of it has come: the installation goes on by itself.
    pub async fn finish(self) -> Result<(), UploadError> {
        let Self {
            upload,
            whole,
            cancel,
        } = self;
        if cancel.is_cancelled() {
            return Err(UploadError::Canceled);
        }
        let (told, finished) = match upload.finish().await {
            Ok(uploaded) => (Ok(uploaded), Ok(())),
            Err(error) => (Err(Message::from(&error)), Err(error)),
        };
        if let Some(whole) = whole {
            // A job that was called off meanwhile needs neither.
            let _called_off = whole.send(told);
        }
        finished
    }

    /// Ends the job, because no more will come.
    pub fn fail(&mut self, why: &UploadError) {
        if let Some(whole) = self.whole.take() {
            let _called_off = whole.send(Err(why.into()));
        }
    }

    /// Bytes that have come.
    pub fn received(&self) -> u64 {
        self.upload.received()
    }

    /// Waits until a person has called it off.
    pub fn called_off(&self) -> WaitForCancellationFutureOwned {
        self.cancel.clone().cancelled_owned()
    }
}

impl Arriving {
    /// Waits for the file.
    pub(super) async fn uploaded(self) -> Result<Uploaded, InstallError> {
        let came = self.cancel.run_until_cancelled(self.whole).await;
        match came.ok_or(InstallError::Canceled)? {
            Ok(came) => came.map_err(InstallError::Upload),
            Err(_gone) => {
                let received = self.told.borrow().received;
                Err(InstallError::Upload(
                    (&UploadError::BrokenOff(received)).into(),
                ))
            }
        }
    }
}
