//! Waits for the picture of the QR code, which the core writes right after it says that there is one.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use perpetua_fs::{FileError, read_small};
use perpetua_lagrange::qr;
use perpetua_lifecycle::QrImage;
use tokio::time::{Instant, sleep};

use crate::steps::blocking;

/// How often is looked; the core takes a few milliseconds from the line to the picture.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A picture that nobody here can read is shown as it is once it has not grown for so long.
const SETTLED_AFTER: Duration = Duration::from_millis(500);

/// Gives the picture once it is whole. Pictures of former starts have been deleted, so one that is
/// there belongs to this start; whoever calls ends it when the QR code is no longer good.
pub(crate) async fn wait_for(path: PathBuf) -> QrImage {
    let mut size = 0;
    let mut grown = Instant::now();
    loop {
        let file = path.clone();
        if let Ok(image) = blocking(move || look(&file)).await {
            if image.png.len() != size {
                size = image.png.len();
                grown = Instant::now();
            }
            if image.url.is_some() || size > 0 && grown.elapsed() >= SETTLED_AFTER {
                return image;
            }
        }
        sleep(LOOK_EVERY).await;
    }
}

fn look(path: &Path) -> io::Result<QrImage> {
    let png = read_small(path).map_err(FileError::into_cause)?;
    let png = png.ok_or(io::ErrorKind::NotFound)?;
    let url = qr::decode(&png).map(Into::into);
    Ok(QrImage {
        png: png.into(),
        url,
    })
}
