//! The pages of the documentation, as tests read them: what a page shows has to be what the product does.
//!
//! Three rules of writing make that possible. A table of capabilities has `capability` as its first column, a column for
//! each variant of a vendor's settings, and words for people in the last. A table with the columns `reason` and `message`
//! has messages of the product, with `…` for what varies. And code spans are the product's words; a vendor's own stand in
//! quotation marks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// One page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it is, from the root of the repository.
    pub place: String,
    /// Its text.
    pub text: String,
}

/// One table, without its line of dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
}

/// A command that makes a Secret.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretCommand {
    /// The Secret's name.
    pub name: String,
    /// The keys that are read from files.
    pub keys: Vec<String>,
    /// It holds a password that somebody begins with, and not a credential of the tenant.
    pub initial_password: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The README and every page below `docs/`.
pub fn all() -> Vec<Page> {
    let folder = std::fs::read_dir(root().join("docs")).expect("docs/ exists");
    let names = folder.map(|entry| entry.expect("docs/ can be listed").file_name());
    let mut places: Vec<String> = names
        .map(|name| format!("docs/{}", name.to_string_lossy()))
        .chain(["README.md".to_owned()])
        .collect();
    places.sort();
    places.iter().map(|place| read(place)).collect()
}

/// The page at this place.
pub fn read(place: &str) -> Page {
    let path = root().join(place);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
    Page { place: place.to_owned(), text }
}

impl Page {
    /// The code blocks of a language.
    pub fn blocks(&self, language: &str) -> Vec<&str> {
        let fence = format!("```{language}\n");
        self.text
            .split(fence.as_str())
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap_or_default())
            .collect()
    }

    /// The text without its code blocks.
    pub fn prose(&self) -> String {
        self.text.split("```").step_by(2).collect::<Vec<_>>().join("\n")
    }

    /// What stands in code spans.
    pub fn words(&self) -> Vec<String> {
        let prose = self.prose();
        prose.split('`').skip(1).step_by(2).map(ToOwned::to_owned).collect()
    }

    /// Where its links lead to.
    pub fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        targets.map(ToOwned::to_owned).collect()
    }

    /// Its tables.
    pub fn tables(&self) -> Vec<Table> {
        let prose = self.prose();
        let mut tables = Vec::new();
        let mut lines: Vec<Vec<String>> = Vec::new();
        for line in prose.lines().chain([""]) {
            if let Some(cells) = line.strip_prefix('|') {
                let cells = cells.trim_end().trim_end_matches('|').split('|');
                lines.push(cells.map(|cell| cell.trim().to_owned()).collect());
            } else if let Some((header, rows)) = std::mem::take(&mut lines).split_first() {
                tables.push(Table { header: header.clone(), rows: rows.iter().skip(1).cloned().collect() });
            }
        }
        tables
    }

    /// What the page says that its vendor can do, in the shape of `status.capabilities`, by the name of the column.
    pub fn capabilities(&self) -> BTreeMap<String, Map<String, Value>> {
        let table =
            self.tables().into_iter().find(|table| table.header.first().is_some_and(|h| h == "capability"));
        let table = table.unwrap_or_else(|| panic!("{} has no table of capabilities", self.place));
        let columns = table.header.len().saturating_sub(1);
        let column = |index: usize| {
            let cells = table.rows.iter().map(|row| (plain(&row[0]), value(&plain(&row[index]))));
            (plain(&table.header[index]), cells.collect())
        };
        (1..columns).map(column).collect()
    }

    /// The commands of its shell blocks, each on one line.
    pub fn commands(&self) -> Vec<String> {
        let joined = self.blocks("sh").join("\n").replace("\\\n", " ");
        joined.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    /// The commands that make a Secret from files.
    pub fn secrets(&self) -> Vec<SecretCommand> {
        let commands = self.commands();
        let made = commands.iter().filter_map(|command| command.split_once("create secret generic "));
        let read = made.map(|(_, rest)| {
            let files = rest.split(' ').filter_map(|word| word.strip_prefix("--from-file="));
            let name = rest.split(' ').next().unwrap_or_default().to_owned();
            let label = format!("label secret {name} userinvitation.dev/initial-password=true");
            SecretCommand {
                name,
                initial_password: commands.iter().any(|command| command.contains(&label)),
                keys: files.filter_map(|file| Some(file.split_once('=')?.0.to_owned())).collect(),
            }
        });
        read.collect()
    }

    /// The hosts that its commands allow, as the annotation has them; empty: none.
    pub fn allowed_hosts(&self) -> String {
        let commands = self.commands();
        let allowed =
            commands.iter().find_map(|command| command.split_once("userinvitation.dev/allowed-hosts="));
        allowed.and_then(|(_, rest)| rest.split(' ').next()).unwrap_or_default().to_owned()
    }
}

/// A cell without its marks.
fn plain(cell: &str) -> String {
    cell.replace('`', "")
}

fn value(cell: &str) -> Value {
    cell.parse::<i64>().map_or_else(|_| Value::from(cell), Value::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "\
# Page

See [there](there.md#part) and `Ready`.

| capability | plain | with `x` | in words |
|---|---|---|---|
| `bulkInvite` | `Supported` | `Unsupported` | several |
| `maxBatchSize` | 20 | 1 | |

```sh
kubectl -n a create secret generic s \\
  --from-file=id=ID-FILE --from-file=key=KEY-FILE
kubectl -n a annotate secret s userinvitation.dev/allowed-hosts=h.example.com:8443,i.example.com
```

```yaml
a: `no word`
```
";

    fn page() -> Page {
        Page { place: "docs/page.md".to_owned(), text: TEXT.to_owned() }
    }

    #[test]
    fn capabilities_have_the_shape_of_a_status() {
        let read = page().capabilities();
        let wanted = |batch: i64, bulk: &str| json!({"bulkInvite": bulk, "maxBatchSize": batch});
        assert_eq!(Value::from(read["plain"].clone()), wanted(20, "Supported"));
        assert_eq!(Value::from(read["with x"].clone()), wanted(1, "Unsupported"));
        assert_eq!(read.len(), 2, "the last column is for people");
    }

    #[test]
    fn parts_of_a_page() {
        let page = page();
        assert_eq!(page.words()[0], "Ready");
        assert!(!page.words().contains(&"no word".to_owned()));
        assert_eq!(page.links(), ["there.md#part"]);
        assert_eq!(page.blocks("yaml"), ["a: `no word`\n"]);
        assert_eq!(page.allowed_hosts(), "h.example.com:8443,i.example.com");
        let keys = vec!["id".to_owned(), "key".to_owned()];
        assert_eq!(page.secrets(), [SecretCommand { name: "s".to_owned(), keys, initial_password: false }]);
    }
}
