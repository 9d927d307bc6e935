//! The list of sources as questions: mirrors belong to the GitHub sources of the list.

use std::path::Path;

use url::Url;

use super::{Asset, AssetLocation};
use crate::exchange::{address, shown};
use crate::{AddressProblem, ReleaseSource};

/// One question that may lead to an offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Group<'a> {
    Github {
        api: &'a str,
        repository: &'a str,
        tag: &'a str,
        asset: &'a str,
        /// What to put before each address, in this order; nothing for GitHub itself.
        prefixes: Vec<&'a str>,
    },
    Index {
        url: &'a str,
    },
    File {
        url: &'a str,
    },
    Local {
        path: &'a Path,
    },
    Upload {
        path: &'a Path,
        name: &'a str,
    },
}

impl<'a> Group<'a> {
    /// The list's order is kept, for the ways to a GitHub source too: a mirror that stands before
    /// it is asked before it.
    pub(crate) fn of(sources: &'a [ReleaseSource]) -> Vec<Self> {
        let question = |(at, source): (usize, &'a ReleaseSource)| match source {
            ReleaseSource::Github {
                api,
                repository,
                tag,
                asset,
            } => Some(Self::Github {
                api: api.trim_end_matches('/'),
                repository,
                tag,
                asset,
                prefixes: prefixes(sources, at),
            }),
            ReleaseSource::Index { url } => Some(Self::Index { url }),
            ReleaseSource::File { url } => Some(Self::File { url }),
            ReleaseSource::Local { path } => Some(Self::Local { path }),
            ReleaseSource::Upload { path, name } => Some(Self::Upload { path, name }),
            ReleaseSource::Mirror { .. } => None,
        };
        sources.iter().enumerate().filter_map(question).collect()
    }

    /// What it is, for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Github {
                repository, tag, ..
            } => format!("{repository}, release {tag}"),
            Self::Index { url } | Self::File { url } => {
                address(url).map_or_else(|_| "its address".to_owned(), |url| shown(&url))
            }
            Self::Local { path } => path.display().to_string(),
            Self::Upload { name, .. } => (*name).to_owned(),
        }
    }

    /// The addresses of a file of it.
    pub(crate) fn places(&self, asset: &Asset) -> Result<Vec<AssetLocation>, AddressProblem> {
        match self {
            Self::Github { prefixes, .. } => prefixes
                .iter()
                .map(|prefix| behind(prefix, asset.url.as_str()).map(AssetLocation::Remote))
                .collect(),
            Self::Index { .. } | Self::File { .. } | Self::Local { .. } | Self::Upload { .. } => {
                Ok(vec![AssetLocation::Remote(asset.url.clone())])
            }
        }
    }
}

/// An address behind a mirror's prefix.
pub(crate) fn behind(prefix: &str, url: &str) -> Result<Url, AddressProblem> {
    if prefix.is_empty() {
        return address(url);
    }
    address(&format!("{}/{url}", prefix.trim_end_matches('/')))
}

fn prefixes(sources: &[ReleaseSource], github: usize) -> Vec<&str> {
    let prefix = |(at, source): (usize, &'_ ReleaseSource)| match source {
        ReleaseSource::Mirror { .. } => Some(at),
        _ => (at == github).then_some(at),
    };
    let ways = sources.iter().enumerate().filter_map(prefix);
    ways.map(|at| match &sources[at] {
        ReleaseSource::Mirror { prefix } => prefix.as_str(),
        _ => "",
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::{Group, behind};
    use crate::ReleaseSource;

    #[test]
    fn the_order_of_the_list_is_the_order_of_the_ways() {
        let mirror = |prefix: &str| ReleaseSource::Mirror {
            prefix: prefix.to_owned(),
        };
        let index = ReleaseSource::Index {
            url: "https://own/index.json".to_owned(),
        };
        let sources = [
            mirror("https://a/"),
            index,
            ReleaseSource::official(),
            mirror("https://b"),
        ];
        let groups = Group::of(&sources);
        assert_eq!(groups.len(), 2);
        assert!(matches!(groups[0], Group::Index { .. }));
        let Group::Github { prefixes, .. } = &groups[1] else {
            panic!("GitHub comes second");
        };
        assert_eq!(prefixes, &["https://a/", "", "https://b"]);
    }

    #[test]
    fn mirrors_alone_are_no_source() {
        let mirror = ReleaseSource::Mirror {
            prefix: "https://a/".to_owned(),
        };
        assert_eq!(Group::of(&[mirror]), []);
    }

    #[test]
    fn a_prefix_stands_before_the_whole_address() {
        let url = "https://github.com/a/b";
        for prefix in ["https://proxy.example", "https://proxy.example/"] {
            let behind = behind(prefix, url).expect("a URL");
            assert_eq!(
                behind.as_str(),
                "https://proxy.example/https://github.com/a/b"
            );
        }
        assert!(behind("proxy.example", url).is_err());
    }
}
