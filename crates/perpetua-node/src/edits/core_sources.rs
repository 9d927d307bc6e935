//! The sources of cores: their order, one more, one less.

use perpetua_config::{
    CoreSource,
    edit::{self, CoreSourceEntry, EditError, NewCoreSource},
};
use perpetua_schema::{Applied, CoreSourceWanted, CoreSourcesEdit, ErrorCode, RpcError};
use perpetua_words::edit as words;

use super::{Edits, bad_request, not_edited};
use crate::{settings_file::Present, wire};

impl Edits {
    /// Puts other sources in the places of those that there are.
    pub(crate) async fn edit_core_sources(
        &self,
        call: CoreSourcesEdit,
    ) -> Result<Applied, RpcError> {
        let CoreSourcesEdit {
            sources,
            instead_of,
        } = call;
        let entries: Vec<_> = sources.into_iter().map(entry).collect();
        let change = self.settings.change(move |present: &Present| {
            let known = &present.config.core.sources;
            if !known
                .iter()
                .map(wire::core_source)
                .eq(instead_of.iter().cloned())
            {
                return Err(not_edited(&EditError::OtherCoreSources));
            }
            fit_together(known, &entries)?;
            let text = edit::set_core_sources(&present.text, &entries);
            Ok((text.map_err(|error| not_edited(&error))?, ()))
        });
        let (applied, ()) = change.await?;
        Ok(applied)
    }
}

fn entry(wanted: CoreSourceWanted) -> CoreSourceEntry {
    let entered = |text: String| text.trim().to_owned();
    CoreSourceEntry::New(match wanted {
        CoreSourceWanted::Kept { place } => return CoreSourceEntry::Kept(place),
        CoreSourceWanted::Github { repository, tag } => NewCoreSource::Github {
            repository: entered(repository),
            tag: tag.map_or_else(|| CoreSource::TAG.to_owned(), entered),
        },
        CoreSourceWanted::Index { url } => NewCoreSource::Index { url: entered(url) },
        CoreSourceWanted::Mirror { prefix } => NewCoreSource::Mirror {
            prefix: entered(prefix),
        },
        CoreSourceWanted::Local { path } => NewCoreSource::Local {
            path: entered(path),
        },
    })
}

/// Refuses what the settings could not read, a new one that is there already, and mirrors of nothing.
fn fit_together(known: &[CoreSource], entries: &[CoreSourceEntry]) -> Result<(), RpcError> {
    let mut sources = Vec::with_capacity(entries.len());
    for entry in entries {
        let source = match entry {
            // One that is not there is noticed by who changes the text.
            CoreSourceEntry::Kept(place) => known.get(*place).cloned(),
            CoreSourceEntry::New(new) => Some(read(new)?),
        };
        sources.extend(source);
    }
    for entry in entries {
        let CoreSourceEntry::New(new) = entry else {
            continue;
        };
        let new = read(new)?;
        if sources.iter().filter(|source| **source == new).count() > 1 {
            return Err(RpcError::new(ErrorCode::Conflict, words::SourceKnown));
        }
    }
    let has_mirror = sources
        .iter()
        .any(|one| matches!(one, CoreSource::Mirror { .. }));
    let has_github = sources
        .iter()
        .any(|one| matches!(one, CoreSource::Github { .. }));
    if has_mirror && !has_github {
        return Err(bad_request(words::MirrorAlone));
    }
    Ok(())
}

fn read(new: &NewCoreSource) -> Result<CoreSource, RpcError> {
    new.read().map_err(|problems| {
        let first = problems.into_iter().next();
        first.map_or_else(
            || not_edited(&EditError::NotTables("core.sources")),
            |problem| bad_request(problem.message),
        )
    })
}
