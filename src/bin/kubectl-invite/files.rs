//! Manifests as files fit for Git: everything is written beside its place first, and moved there when all of it is.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::import::manifest::{Manifest, Manifests, Unwritable};

/// How people are spread over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Spread {
    /// One file for each person
    #[default]
    Person,
    /// One file for all people of a provider
    Provider,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// A manifest that can't be made.
    #[error(transparent)]
    Manifest(#[from] Unwritable),
    /// A file that is there already and says something else.
    #[error("{} is there already and differs, so nothing was written: compare them, and use --force to replace it", .0.display())]
    Differs(PathBuf),
    /// The system refuses.
    #[error("{} can't be written", .path.display())]
    Io {
        /// What can't be written.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that were written.
    pub files: usize,
    /// Files that said the same already.
    pub same: usize,
}

/// The files of some manifests: paths below the folder, and their content. Pure.
pub fn files(manifests: &Manifests, spread: Spread) -> Result<BTreeMap<PathBuf, String>, Unwritable> {
    let mut files = BTreeMap::new();
    for provider in &manifests.providers {
        files.insert(Path::new(&provider.provider).join("provider.yaml"), provider.yaml()?);
    }
    for person in &manifests.people {
        let folder = Path::new(&person.provider);
        match spread {
            Spread::Person => {
                files.insert(folder.join(format!("{}.yaml", file_name(person))), person.yaml()?);
            }
            Spread::Provider => {
                let file: &mut String = files.entry(folder.join("people.yaml")).or_default();
                if !file.is_empty() {
                    file.push_str("---\n");
                }
                file.push_str(&person.yaml()?);
            }
        }
    }
    Ok(files)
}

/// The folder has the provider's name already.
fn file_name(person: &Manifest) -> &str {
    person.name.strip_prefix(&format!("{}.", person.provider)).unwrap_or(&person.name)
}

/// Writes files below a folder: all of them, or none.
pub fn write(folder: &Path, files: &BTreeMap<PathBuf, String>, force: bool) -> Result<Written, NotWritten> {
    let mut written = Written::default();
    let mut fresh = Vec::new();
    for (path, content) in files {
        let path = folder.join(path);
        match fs::read(&path) {
            Ok(known) if known == content.as_bytes() => written.same += 1,
            Ok(_) if !force => return Err(NotWritten::Differs(path)),
            Ok(_) => fresh.push((path, content)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fresh.push((path, content)),
            Err(source) => return Err(NotWritten::Io { path, source }),
        }
    }
    let staged = fresh.iter().map(|(path, content)| stage(path, content)).collect::<Result<Vec<_>, _>>();
    let moved = staged.and_then(|staged| {
        staged.iter().zip(&fresh).try_for_each(|(from, (to, _))| {
            fs::rename(from, to).map_err(|source| NotWritten::Io { path: to.clone(), source })
        })
    });
    if let Err(error) = moved {
        for (path, _) in &fresh {
            // What was never staged is not there; what can't be removed is told by the error itself.
            let _ = fs::remove_file(beside(path));
        }
        return Err(error);
    }
    written.files = fresh.len();
    Ok(written)
}

fn stage(path: &Path, content: &str) -> Result<PathBuf, NotWritten> {
    let io = |source| NotWritten::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(io)?;
    }
    let beside = beside(path);
    fs::write(&beside, content).map_err(io)?;
    Ok(beside)
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("yaml.new")
}
