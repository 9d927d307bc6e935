//! What a release holds, and how GitHub tells of it.

use serde_json::{Value, json};

use crate::Packed;

/// A release of the core's repository.
#[derive(Clone, Debug)]
pub struct Release {
    /// Its tag.
    pub tag: String,
    /// Its files.
    pub assets: Vec<Asset>,
}

/// A file of a release.
#[derive(Clone, Debug)]
pub struct Asset {
    /// The file.
    pub packed: Packed,
    /// What the listing says of its SHA-256. GitHub knows it only of files that were uploaded since the
    /// middle of 2025.
    pub digest: Option<String>,
}

impl Release {
    /// The `nightly` release with these files and their true digests.
    pub fn nightly(files: impl IntoIterator<Item = Packed>) -> Self {
        let assets = files.into_iter().map(|packed| Asset {
            digest: Some(packed.sha256.clone()),
            packed,
        });
        Self {
            tag: "nightly".to_owned(),
            assets: assets.collect(),
        }
    }

    /// The same without digests.
    #[must_use]
    pub fn without_digests(mut self) -> Self {
        for asset in &mut self.assets {
            asset.digest = None;
        }
        self
    }

    /// The file of this name.
    pub(crate) fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.packed.name == name)
    }

    /// As GitHub's API tells it, with files below this address.
    pub(crate) fn as_github(&self, downloads: &str) -> Value {
        let assets: Vec<Value> = self
            .assets
            .iter()
            .map(|asset| {
                let name = &asset.packed.name;
                let digest = asset.digest.as_ref();
                json!({
                    "name": name,
                    "content_type": "application/octet-stream",
                    "state": "uploaded",
                    "size": asset.packed.bytes.len(),
                    "digest": digest.map(|digest| format!("sha256:{digest}")),
                    "created_at": "2025-06-05T12:00:00Z",
                    "updated_at": "2025-06-05T12:00:00Z",
                    "browser_download_url": format!("{downloads}/{}/{name}", self.tag),
                })
            })
            .collect();
        json!({
            "tag_name": self.tag,
            "name": "Nightly Release",
            "draft": false,
            "prerelease": true,
            "published_at": "2025-06-05T12:00:00Z",
            "body": "> ⚠️This is a nightly release.\r\n> ⚠️This is not the latest version.",
            "assets": assets,
        })
    }

    /// As a static index of the settings' `kind = "index"` tells it, with relative addresses.
    pub(crate) fn as_index(&self) -> Value {
        let assets: Vec<Value> = self
            .assets
            .iter()
            .map(|asset| {
                let name = &asset.packed.name;
                json!({
                    "name": name,
                    "url": format!("download/{}/{name}", self.tag),
                    "size": asset.packed.bytes.len(),
                    "sha256": asset.digest,
                })
            })
            .collect();
        json!({ "tag": self.tag, "assets": assets })
    }
}
