//! `[provenance]`: whose signatures on components count, and whether one is demanded.

use std::collections::BTreeMap;
use std::path::Path;

use handover_sandbox::{Provenance, Signer};
use serde::Deserialize;

use super::ConfigError;
use super::sections::Config;

/// `[provenance]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProvenanceSection {
    /// Only components that one of the keys has signed load; where it is left out, every component does.
    pub required: bool,
    /// Whose signatures count.
    pub keys: Vec<SignerSection>,
}

/// `[[provenance.keys]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerSection {
    /// As it is shown beside the components, and as `signed_by` of a connector refers to it.
    pub name: String,
    /// The public key as minisign writes it, or `file:PATH` of the `.pub` file.
    pub key: String,
}

impl Config {
    /// What is demanded of the origin of components.
    ///
    /// # Errors
    /// Every key that is none, and every signer that has none.
    pub(crate) fn provenance(&self) -> Result<Provenance, ConfigError> {
        let (mut signers, mut wrong) = (Vec::<Signer>::new(), Vec::new());
        for (nth, section) in self.provenance.keys.iter().enumerate() {
            if section.name.is_empty() || signers.iter().any(|signer| signer.name() == section.name) {
                wrong.push(format!("`provenance.keys.{nth}.name`: each key needs a name of its own"));
            }
            match signer(section) {
                Ok(signer) => signers.push(signer),
                Err(e) => wrong.push(format!("`provenance.keys.{nth}.key`: {e}")),
            }
        }
        if self.provenance.required && self.provenance.keys.is_empty() {
            wrong.push(
                "`provenance.required`: nothing could load; add `[[provenance.keys]]` with `name` and `key`"
                    .to_owned(),
            );
        }
        let mut signed_by = BTreeMap::new();
        for (connector, section) in &self.connectors {
            let Some(names) = &section.signed_by else { continue };
            let known = |name: &str| self.provenance.keys.iter().any(|key| key.name == name);
            let strangers = names.iter().filter(|name| !known(name));
            wrong.extend(strangers.map(|name| {
                format!(
                    "`connectors.{connector}.signed_by`: none of the `[[provenance.keys]]` is named {name}"
                )
            }));
            if names.is_empty() {
                wrong.push(format!(
                    "`connectors.{connector}.signed_by`: nothing could load; name a key, or leave it out"
                ));
            }
            signed_by.insert(connector.clone(), names.clone());
        }
        if !wrong.is_empty() {
            return Err(ConfigError::all(wrong));
        }
        Ok(Provenance { required: self.provenance.required, signers, signed_by })
    }
}

fn signer(section: &SignerSection) -> Result<Signer, String> {
    let text = match section.key.strip_prefix("file:") {
        Some(path) => {
            std::fs::read_to_string(Path::new(path)).map_err(|e| format!("{path} cannot be read: {e}"))?
        }
        None => section.key.clone(),
    };
    Signer::new(&section.name, &text).map_err(|e| e.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    const KEY: &str = "RWS7ENEdJGS0AhnMBAWl+fg/msnXvd9YItIpYeHMbRrmGcZ4crOoL1gm";

    fn told(text: &str) -> Vec<String> {
        let config: Config = toml::from_str(text).unwrap();
        config.provenance().err().map(ConfigError::mistakes).unwrap_or_default()
    }

    #[test]
    fn nothing_is_demanded_unless_it_is_said() {
        let provenance = Config::default().provenance().unwrap();
        assert!(!provenance.required && provenance.signers.is_empty() && provenance.signed_by.is_empty());
    }

    #[test]
    fn a_key_is_written_out_or_lies_in_the_file_that_minisign_makes() {
        let file = std::env::temp_dir().join(format!("handover-{}.pub", std::process::id()));
        std::fs::write(&file, format!("untrusted comment: minisign public key 2B464241DD110BB\n{KEY}\n"))
            .unwrap();
        let config: Config = toml::from_str(&format!(
            "[provenance]\nrequired = true\nkeys = [{{ name = \"acme\", key = \"{KEY}\" }}, {{ name = \"own\", key = \
             'file:{}' }}]\n[connectors.zendesk]\nsigned_by = [\"acme\"]",
            file.display()
        ))
        .unwrap();
        let provenance = config.provenance();
        std::fs::remove_file(&file).unwrap();
        let provenance = provenance.unwrap();
        let names: Vec<&str> = provenance.signers.iter().map(Signer::name).collect();
        assert!(provenance.required);
        assert_eq!(
            (names.as_slice(), &provenance.signed_by["zendesk"]),
            (&["acme", "own"][..], &vec!["acme".to_owned()])
        );
    }

    #[test]
    fn every_mistake_is_told_at_its_key() {
        let told = told(&format!(
            "[provenance]\nkeys = [{{ name = \"a\", key = \"RWS7\" }}, {{ name = \"b\", key = \"{KEY}\" }}, \
             {{ name = \"b\", key = \"file:/nowhere/b.pub\" }}]\n[connectors.x]\nsigned_by = [\"c\"]\n\
             [connectors.y]\nsigned_by = []"
        ));
        let begins = [
            "`provenance.keys.0.key`: this is no public key",
            "`provenance.keys.2.name`: each key needs",
            "`provenance.keys.2.key`: /nowhere/b.pub cannot be read",
            "`connectors.x.signed_by`: none of",
            "`connectors.y.signed_by`: nothing could load",
        ];
        assert_eq!(told.len(), begins.len(), "{told:#?}");
        for (line, begin) in told.iter().zip(begins) {
            assert!(line.starts_with(begin), "{line}");
        }
    }

    #[test]
    fn a_demand_that_nothing_could_meet_is_a_mistake() {
        assert!(
            told("[provenance]\nrequired = true")[0].starts_with("`provenance.required`: nothing could load")
        );
    }
}
