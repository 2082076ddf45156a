//! The pages of the documentation: their words are words of the product, their messages are its messages, and their
//! links lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use test_rig::pages::{self, Page};
use user_invitation_operator::api::condition::ConditionType;
use user_invitation_operator::api::{InvitationState, Reason};
use user_invitation_operator::vendor::Vendor;

use crate::walk::{crds, places};

/// Most lines of a page.
const MOST_LINES: usize = 200;
/// Words of Kubernetes, and of the wire, that are none of ours.
const OTHERS: &[&str] = &["Secret", "ConfigMap", "True", "False", "Unknown", "Namespace"];

/// The page of a vendor.
pub(crate) const fn of_vendor(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::HpeGreenLake => "docs/hpe-greenlake.md",
        Vendor::VmwareCloudServices => "docs/vmware-cloud-services.md",
        Vendor::AppXite => "docs/appxite.md",
        Vendor::DynatraceManaged => "docs/dynatrace-managed.md",
        Vendor::DynatraceSaas => "docs/dynatrace-saas.md",
    }
}

/// Whether a page is made from the code.
pub(crate) fn is_generated(page: &Page) -> bool {
    page.text.starts_with("<!-- Generated")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every word of the product: reasons, states, kinds, and the values that fields can have.
fn known_words() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = OTHERS.iter().map(|word| (*word).to_owned()).collect();
    known.extend(Reason::ALL.iter().map(|reason| reason.as_str().to_owned()));
    known.extend(InvitationState::ALL.iter().map(|state| state.as_str().to_owned()));
    known.extend(ConditionType::ALL.iter().map(|type_| type_.as_str().to_owned()));
    known.extend(Vendor::ALL.iter().map(|vendor| vendor.as_str().to_owned()));
    for crd in crds() {
        known.insert(crd["spec"]["names"]["kind"].as_str().unwrap().to_owned());
    }
    for place in places() {
        let values = place.get("enum").and_then(|values| values.as_array()).cloned().unwrap_or_default();
        known.extend(values.iter().filter_map(|value| value.as_str()).map(ToOwned::to_owned));
        // The values of a status stand in its descriptions only, so that other versions can be read.
        if place.in_status() && place.kind() == "string" {
            let description = place.schema["description"].as_str().unwrap_or_default();
            known.extend(
                description
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .filter(|w| is_name(w))
                    .map(str::to_owned),
            );
        }
    }
    known
}

/// Whether a word looks like one of the API's: `CamelCase`, and not an abbreviation.
fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
        && word.contains(|c: char| c.is_ascii_lowercase())
}

#[test]
fn every_word_of_the_product_exists() {
    let known = known_words();
    let is_strange = |word: &String| is_name(word) && !known.contains(word);
    let of_page = |page: &Page| -> Vec<String> {
        page.words().into_iter().filter(is_strange).map(|word| format!("{}: {word}", page.place)).collect()
    };
    let strange: Vec<String> = pages::all().iter().flat_map(of_page).collect();
    assert!(strange.is_empty(), "no words of the product: {strange:#?}");
}

/// The code as one text, with the strings that go over several lines put together.
fn code(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &code(&path);
        } else {
            let lines = std::fs::read_to_string(path).unwrap();
            let mut rest = lines.split("\\\n");
            text += rest.next().unwrap_or_default();
            rest.for_each(|line| text += line.trim_start());
        }
    }
    text.replace("\\\"", "\"")
}

#[test]
fn every_message_is_one_of_the_product() {
    let code = code(&root().join("src"));
    let (mut messages, mut strange) = (0, Vec::new());
    for page in pages::all() {
        for table in page.tables() {
            let column = |name: &str| table.header.iter().position(|header| header == name);
            let (Some(reason), Some(message)) = (column("reason"), column("message")) else { continue };
            for row in &table.rows {
                let named = row[reason].trim_matches('`');
                let exists = Reason::ALL.iter().any(|known| known.as_str() == named);
                let parts = row[message].split('…').map(str::trim);
                let wrong = parts.filter(|part| !code.contains(part)).chain((!exists).then_some(named));
                strange.extend(wrong.map(|wrong| format!("{}: {wrong}", page.place)));
                messages += 1;
            }
        }
    }
    assert!(strange.is_empty(), "nothing that the product says: {strange:#?}");
    assert!(messages > 20, "the tables of messages have gone missing");
}

#[test]
fn every_vendor_has_a_page_with_everything() {
    for vendor in Vendor::ALL {
        let page = pages::read(of_vendor(vendor));
        assert!(!page.capabilities().is_empty(), "{}", page.place);
        assert!(!page.secrets().is_empty(), "{}: how the Secret is made", page.place);
        let commands = page.commands();
        for secret in page.secrets().into_iter().filter(|secret| !secret.initial_password) {
            let label = format!("label secret {} userinvitation.dev/credentials=true", secret.name);
            assert!(commands.iter().any(|command| command.contains(&label)), "{}: {label}", page.place);
        }
        let manifests = page.blocks("yaml").join("\n");
        for kind in ["kind: InvitationProvider", "kind: UserInvitation"] {
            assert!(manifests.contains(kind), "{}: {kind}", page.place);
        }
    }
}

#[test]
fn links_lead_to_pages_and_every_page_is_in_the_index() {
    let all = pages::all();
    for page in &all {
        let folder = root().join(&page.place).parent().unwrap().to_owned();
        for link in page.links().iter().filter(|link| !link.contains("://")) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root().join(&page.place) } else { folder.join(file) };
            assert!(target.exists(), "{} links to {link}", page.place);
            let anchors = std::fs::read_to_string(&target).map(|text| anchors(&text)).unwrap_or_default();
            assert!(part.is_empty() || anchors.contains(part), "{} links to {link}", page.place);
        }
    }
    let index: &Page = all.iter().find(|page| page.place == "docs/README.md").unwrap();
    for page in all.iter().filter(|page| page.place.starts_with("docs/") && page.place != index.place) {
        let file = page.place.trim_start_matches("docs/").to_owned();
        assert!(index.links().contains(&file), "the index does not name {file}");
    }
    let site = std::fs::read_to_string(root().join("mkdocs.yml")).unwrap();
    for page in all.iter().filter(|page| page.place.starts_with("docs/")) {
        let entry = format!(": {}\n", page.place.trim_start_matches("docs/"));
        assert!(site.contains(&entry), "the site's nav in mkdocs.yml does not name {}", page.place);
    }
    let readme = all.iter().find(|page| page.place == "README.md").unwrap();
    assert!(readme.links().contains(&"docs/README.md".to_owned()));
}

/// What the headings of a text are linked by.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '-')
            .collect::<String>()
            .replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn pages_are_short() {
    for page in pages::all().into_iter().filter(|page| !is_generated(page)) {
        assert!(page.text.lines().count() < MOST_LINES, "{} is too long", page.place);
    }
}
