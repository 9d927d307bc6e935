//! Which newer versions there are: every address is asked, beside the others.

use std::cmp::{Ordering, Reverse};

use futures_util::future::join_all;
use perpetua_fetch::{ClientError, Proxy, Purpose, http_client, read_document, shown_address};
use perpetua_words::{Message, update as words};
use reqwest::Client;
use semver::Version;

use crate::{
    Package, Project,
    listing::{ListedFile, Listing},
    words::{at, of_address},
};

/// No listing is longer: notes and two dozen signatures are a tenth of it.
const LARGEST_LISTING: usize = 1_000_000;

/// What an owner wants of updates.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// Looks for newer versions by itself, and gets them where it can.
    pub automatic: bool,
    /// What is tried out is wanted, too.
    pub beta: bool,
    /// Addresses in place of the project's; empty: the project's.
    pub addresses: Vec<String>,
    /// Which way requests take.
    pub proxy: Proxy,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            automatic: true,
            beta: false,
            addresses: Vec::new(),
            proxy: Proxy::Environment,
        }
    }
}

impl Wishes {
    /// The addresses that are asked.
    fn addresses<'a>(&'a self, project: &'a Project) -> &'a [String] {
        match (&*self.addresses, self.beta) {
            ([], true) => &project.beta,
            ([], false) => &project.stable,
            (own, _) => own,
        }
    }
}

/// A newer version, as one address offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Which.
    pub version: Version,
    /// What is new in it, in the words of the address.
    pub notes: String,
    /// The address, for people.
    pub place: String,
    /// The file for this copy; none where none is used.
    pub(crate) file: Option<ListedFile>,
}

/// An address that offers nothing of use, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The address, for people.
    pub place: String,
    /// Why.
    pub problem: Message,
}

impl From<&Refused> for Message {
    fn from(refused: &Refused) -> Self {
        at(&refused.place, refused.problem.clone())
    }
}

/// What the addresses said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The newer versions, the highest first; of equal ones the address that was named first.
    pub newer: Vec<NewVersion>,
    /// The addresses that offer none, in their order.
    pub refused: Vec<Refused>,
    /// Whether one of them at least knew the version that runs.
    pub is_known: bool,
}

/// What one address says.
enum Answer {
    Newer(NewVersion),
    /// It offers the version that runs.
    Same,
    Refused(Message),
}

/// Asks which newer versions there are for such a copy. The error is about this program, not about an address.
pub async fn find(project: &Project, wishes: &Wishes, package: &Package) -> Result<Found, Message> {
    let addresses = wishes.addresses(project);
    if addresses.is_empty() {
        return Err(words::NoChannel.into());
    }
    let client = client(&wishes.proxy).map_err(|error| Message::from(&error))?;
    let asked = addresses
        .iter()
        .map(|url| ask(project, &client, url, package));
    let mut found = Found::default();
    for (url, answer) in addresses.iter().zip(join_all(asked).await) {
        match answer {
            Answer::Newer(newer) => found.newer.push(newer),
            Answer::Same => found.is_known = true,
            Answer::Refused(problem) => {
                let place = shown_address(url);
                found.refused.push(Refused { place, problem });
            }
        }
    }
    found
        .newer
        .sort_by_key(|newer| Reverse(newer.version.clone()));
    if found.newer.is_empty() && !found.is_known {
        let problems: Vec<_> = found.refused.iter().map(Message::from).collect();
        return Err(words::NobodyAnswered { problems }.into());
    }
    Ok(found)
}

pub(crate) fn client(proxy: &Proxy) -> Result<Client, ClientError> {
    http_client(Purpose::Downloads, proxy)
}

async fn ask(project: &Project, client: &Client, url: &str, package: &Package) -> Answer {
    let read = read_document(client, url, project.pace.listing, LARGEST_LISTING).await;
    let text = match read {
        Ok(text) => text,
        Err(problem) => return Answer::Refused(of_address(&problem)),
    };
    match Listing::read(&text) {
        Ok(listing) => judge(project, &listing, url, package),
        Err(problem) => Answer::Refused((&problem).into()),
    }
}

fn judge(project: &Project, listing: &Listing, url: &str, package: &Package) -> Answer {
    let version = listing.version.to_string();
    // What stands behind a `+` is no newness.
    match listing.version.cmp_precedence(&project.version) {
        Ordering::Equal => return Answer::Same,
        Ordering::Less => {
            let own = project.version.to_string();
            return Answer::Refused(words::Older { own, version }.into());
        }
        Ordering::Greater => {}
    }
    let file = listing.file(package).cloned();
    let wanted = package.keys();
    if file.is_none() && !wanted.is_empty() {
        let wanted = wanted.join("`, `");
        return Answer::Refused(words::NoFile { version, wanted }.into());
    }
    Answer::Newer(NewVersion {
        version: listing.version.clone(),
        notes: listing.notes.clone(),
        place: shown_address(url),
        file,
    })
}
