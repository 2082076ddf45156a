//! Manifests: objects of the operator's own types, with only what was said.

use kube::Resource;
use serde::Serialize;
use serde_json::Value;
use user_invitation_operator::api::{
    Credentials, HpeGreenLake, InvitationProvider, InvitationProviderSpec, SecretRef, UserInvitation,
    UserInvitationSpec,
};

use super::{Import, Person, Workspace};

/// The manifests of an import, in one namespace or in none that is said.
#[derive(Debug, Default)]
pub struct Manifests {
    /// Providers with what is to be said about them.
    pub providers: Vec<Manifest>,
    /// People, in the order of the file.
    pub people: Vec<Manifest>,
}

/// One object.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The provider it belongs to, or is.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// What is to be read above it, line by line.
    pub remarks: Vec<String>,
    /// The object as JSON, without what is a default.
    pub object: Value,
}

/// Why an object can't be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// No JSON.
    #[error("the object can't be written as JSON")]
    Json(#[from] serde_json::Error),
    /// No YAML.
    #[error("the object can't be written as YAML")]
    Yaml(#[from] serde_yaml::Error),
}

/// Makes the manifests of everything that can be used.
pub fn manifests(import: &Import, namespace: Option<&str>) -> Result<Manifests, Unwritable> {
    Ok(Manifests {
        providers: import.providers.iter().map(|it| provider(it, namespace)).collect::<Result<_, _>>()?,
        people: import.people.iter().map(|it| person(it, namespace)).collect::<Result<_, _>>()?,
    })
}

fn provider(workspace: &Workspace, namespace: Option<&str>) -> Result<Manifest, Unwritable> {
    let spec = InvitationProviderSpec {
        hpe_green_lake: Some(HpeGreenLake { workspace_id: workspace.id.clone(), ..HpeGreenLake::default() }),
        credentials: Credentials { secret_ref: SecretRef { name: workspace.provider.clone() } },
        ..InvitationProviderSpec::default()
    };
    let mut object = InvitationProvider::new(&workspace.provider, spec.clone());
    object.meta_mut().namespace = namespace.map(str::to_owned);
    Ok(Manifest {
        provider: workspace.provider.clone(),
        name: workspace.provider.clone(),
        remarks: vec![format!("HPE GreenLake, {}", workspace.name)],
        object: sparse(&object, &InvitationProviderSpec::default())?,
    })
}

fn person(person: &Person, namespace: Option<&str>) -> Result<Manifest, Unwritable> {
    invitation(&person.object, &person.spec, person.called.iter().cloned().collect(), namespace)
}

/// The manifest of one person.
pub fn invitation(
    name: &str,
    spec: &UserInvitationSpec,
    remarks: Vec<String>,
    namespace: Option<&str>,
) -> Result<Manifest, Unwritable> {
    let mut object = UserInvitation::new(name, spec.clone());
    object.meta_mut().namespace = namespace.map(str::to_owned);
    Ok(Manifest {
        provider: spec.provider_ref.name.clone(),
        name: name.to_owned(),
        remarks,
        object: sparse(&object, &UserInvitationSpec::default())?,
    })
}

/// An object without the fields of its spec that say what the default is.
fn sparse(object: &impl Serialize, default: &impl Serialize) -> Result<Value, Unwritable> {
    let mut object = serde_json::to_value(object)?;
    let default = serde_json::to_value(default)?;
    if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
        spec.retain(|field, value| default.get(field) != Some(value));
        if let Some(provider) = spec.get_mut("providerRef").and_then(Value::as_object_mut) {
            provider.retain(|field, value| default["providerRef"].get(field) != Some(value));
        }
    }
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    Ok(object)
}

impl Manifest {
    /// The object as YAML, below its remarks. A remark is on one line, whatever is in it: readers of YAML know more ends
    /// of lines than one.
    pub fn yaml(&self) -> Result<String, Unwritable> {
        let plain = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
        let mut yaml = String::new();
        for remark in &self.remarks {
            yaml.push_str("# ");
            yaml.extend(remark.chars().map(plain));
            yaml.push('\n');
        }
        yaml.push_str(&serde_yaml::to_string(&self.object)?);
        Ok(yaml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_ends_no_line() {
        let said = vec!["a\u{2028}b: c".to_owned(), "d\ne\u{85}f: g\u{2029}h".to_owned()];
        let manifest = invitation("x", &UserInvitationSpec::default(), said, None).unwrap();
        let yaml = manifest.yaml().unwrap();
        assert!(yaml.starts_with("# a b: c\n# d e f: g h\napiVersion: "), "{yaml}");
    }
}
