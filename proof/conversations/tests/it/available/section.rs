//! What belongs into each vendor's section, piece by piece, and what is said where a piece is not there: the key, and
//! the name that the vendor has for it.

/// A line of the configuration.
pub struct Piece {
    /// The key.
    pub key: &'static str,
    value: String,
    /// Where its lack is told: step and state.
    pub told: (&'static str, &'static str),
    /// In which words, of the connector's and the vendor's.
    pub words: &'static [&'static str],
}

/// A vendor's section.
pub struct Section {
    pub vendor: &'static str,
    pub pieces: Vec<Piece>,
    /// Lines that need not be there.
    pub further: Vec<String>,
}

impl Piece {
    /// Without it the component does not load.
    fn needed(key: &'static str, value: String, words: &'static [&'static str]) -> Self {
        Self { key, value, told: (key, "failed"), words }
    }

    /// The same for an upstream: what is missing of it is its address.
    fn upstream(
        [key, told]: [&'static str; 2],
        at: &str,
        probe: Option<&str>,
        words: &'static [&'static str],
    ) -> Self {
        let probe = probe.map(|path| format!(", probe = \"{path}\"")).unwrap_or_default();
        let value = format!("{{ base_url = \"{at}\", allow_private = true{probe} }}");
        Self { key, value, told: (told, "failed"), words }
    }

    /// Whether the component does not load without it.
    pub fn is_needed(&self) -> bool {
        self.told.1 == "failed" && self.told.0.starts_with("connectors.")
    }

    pub fn is_credential(&self) -> bool {
        self.key.contains(".credentials.")
    }

    pub fn is_setting(&self) -> bool {
        self.key.contains(".settings.")
    }

    /// Its line.
    pub fn line(&self) -> String {
        format!("{} = {}\n", self.key, self.value)
    }

    /// Its line with something else in the place of its value.
    pub fn with(&self, value: &str) -> String {
        format!("{} = {value}\n", self.key)
    }
}

impl Section {
    /// As it should be.
    pub fn whole(&self) -> String {
        self.each(Piece::line)
    }

    /// With each line as this says.
    pub fn each(&self, line: impl Fn(&Piece) -> String) -> String {
        self.pieces.iter().map(line).chain(self.further.iter().cloned()).collect()
    }
}

/// All vendors, at addresses where nobody is.
pub fn all() -> Vec<Section> {
    let nowhere = "http://127.0.0.1:9";
    vec![
        zendesk(nowhere, true),
        zendesk_support(nowhere),
        servicenow(nowhere),
        genesys(nowhere),
        salesforce(nowhere),
        matrix(nowhere),
    ]
}

/// Files with the secrets that the sections refer to, as the simulators know them.
pub fn secrets(vendor: &str) -> Vec<(&'static str, &'static str)> {
    let key = match vendor {
        "zendesk" => "simulated-secret",
        "zendesk-support" => "simulated-token",
        "genesys" => "simulated-client-secret",
        _ => "the key",
    };
    vec![("key", key), ("hook", "the key of callbacks")]
}

fn key(name: &str) -> String {
    format!("{{ kind = \"key\", value = \"file:{name}\" }}")
}

fn basic(user: &str) -> String {
    format!("{{ kind = \"basic\", user = \"{user}\", password = \"file:key\" }}")
}

fn client(token_url: &str, id: &str, further: &str) -> String {
    format!(
        "{{ kind = \"oauth2-client-credentials\", token_url = \"{token_url}\", client_id = \"{id}\", client_secret = \
         \"file:key\"{further} }}"
    )
}

pub fn zendesk(at: &str, with_probe: bool) -> Section {
    let app = zendesk_simulator::Config::default().app_id;
    let probe = format!("/v2/apps/{app}/users/handover-check");
    let upstream = ["connectors.zendesk.upstreams.api", "connectors.zendesk.upstreams.api.base_url"];
    let probe = with_probe.then_some(probe.as_str());
    Section {
        vendor: "zendesk",
        pieces: vec![
            Piece::upstream(upstream, at, probe, &["is missing", "https://SUBDOMAIN.zendesk.com/sc"]),
            Piece::needed(
                "connectors.zendesk.credentials.api",
                basic("app_simulated"),
                &["is missing", "basic or bearer or key", "Admin Center", "Conversations API"],
            ),
            Piece::needed(
                "connectors.zendesk.credentials.webhook",
                key("hook"),
                &["is missing", "shared secret of the integration's webhook"],
            ),
            Piece::needed(
                "connectors.zendesk.settings.app_id",
                format!("\"{app}\""),
                &["is missing", "app's id", "Admin Center"],
            ),
            Piece::needed(
                "connectors.zendesk.settings.integration",
                "\"handover\"".to_owned(),
                &["is missing", "switchboard integration"],
            ),
        ],
        further: Vec::new(),
    }
}

pub fn zendesk_support(at: &str) -> Section {
    let upstream =
        ["connectors.zendesk-support.upstreams.api", "connectors.zendesk-support.upstreams.api.base_url"];
    Section {
        vendor: "zendesk-support",
        pieces: vec![
            Piece::upstream(
                upstream,
                at,
                Some("/api/v2/tickets/1"),
                &["is missing", "https://SUBDOMAIN.zendesk.com"],
            ),
            Piece::needed(
                "connectors.zendesk-support.credentials.api",
                basic("agent@example.com/token"),
                &["is missing", "EMAIL/token", "Admin Center, Zendesk API"],
            ),
            Piece::needed(
                "connectors.zendesk-support.credentials.webhook",
                key("hook"),
                &["is missing", "signing secret", "Reveal secret"],
            ),
        ],
        further: vec!["connectors.zendesk-support.settings.solve = true\n".to_owned()],
    }
}

pub fn servicenow(at: &str) -> Section {
    let upstream = ["connectors.servicenow.upstreams.api", "connectors.servicenow.upstreams.api.base_url"];
    Section {
        vendor: "servicenow",
        pieces: vec![
            Piece::upstream(upstream, at, None, &["is missing", "https://acme.service-now.com"]),
            // An instance may take requests without any.
            Piece {
                told: ("connectors.servicenow.credentials.api", "skipped"),
                ..Piece::needed(
                    "connectors.servicenow.credentials.api",
                    basic("handover"),
                    &["`api` carry no credential", "A user of the instance", "Application Registry"],
                )
            },
            // There are two ways, and either will do.
            Piece {
                told: ("/api/callbacks/servicenow", "failed"),
                ..Piece::needed(
                    "connectors.servicenow.credentials.callback",
                    key("hook"),
                    &["answered 401", "[connectors.servicenow.credentials.callback]", "x-handover-secret"],
                )
            },
        ],
        further: vec!["connectors.servicenow.settings.agent_name = \"Live agent\"\n".to_owned()],
    }
}

/// The same with an OAuth client in place of a user.
pub fn servicenow_client(at: &str) -> Section {
    let mut section = servicenow(at);
    section.pieces[1].value = client(&format!("{at}/oauth_token.do"), "the-client", "");
    section
}

pub fn genesys(at: &str) -> Section {
    let known = genesys_simulator::Config::default();
    let upstream = ["connectors.genesys.upstreams.api", "connectors.genesys.upstreams.api.base_url"];
    Section {
        vendor: "genesys",
        pieces: vec![
            Piece::upstream(upstream, at, None, &["is missing", "organization's region"]),
            Piece::needed(
                "connectors.genesys.credentials.api",
                client(&format!("{at}/oauth/token"), &known.client_id, ", basic = true"),
                &["is missing", "oauth2-client-credentials", "Admin > Integrations > OAuth"],
            ),
            Piece::needed(
                "connectors.genesys.credentials.webhook",
                key("hook"),
                &["is missing", "Outbound Notification Webhook Signature Secret Token"],
            ),
            Piece::needed(
                "connectors.genesys.settings.integration_id",
                format!("\"{}\"", known.integration_id),
                &["is missing", "Open Messaging integration", "Admin > Message > Platforms"],
            ),
        ],
        further: Vec::new(),
    }
}

pub fn salesforce(at: &str) -> Section {
    let known = salesforce_simulator::Config::default();
    let upstream = ["connectors.salesforce.upstreams.api", "connectors.salesforce.upstreams.api.base_url"];
    Section {
        vendor: "salesforce",
        pieces: vec![
            Piece::upstream(upstream, at, None, &["is missing", "SCRT2 URL"]),
            Piece::needed(
                "connectors.salesforce.settings.organization",
                format!("\"{}\"", known.organization),
                &["is missing", "organization's id"],
            ),
            Piece::needed(
                "connectors.salesforce.settings.deployment",
                format!("\"{}\"", known.deployment),
                &["is missing", "esDeveloperName"],
            ),
        ],
        further: Vec::new(),
    }
}

pub fn matrix(at: &str) -> Section {
    let upstream =
        ["connectors.matrix.upstreams.homeserver", "connectors.matrix.upstreams.homeserver.base_url"];
    let token = "{ kind = \"bearer\", token = \"file:key\" }".to_owned();
    Section {
        vendor: "matrix",
        pieces: vec![
            Piece::upstream(
                upstream,
                at,
                Some("/_matrix/client/v3/account/whoami"),
                &["is missing", "client-server API"],
            ),
            Piece::needed(
                "connectors.matrix.credentials.as_token",
                token,
                &["is missing", "`as_token` of the registration file"],
            ),
            Piece::needed(
                "connectors.matrix.credentials.hs_token",
                key("hook"),
                &["is missing", "`hs_token` of the registration file"],
            ),
            Piece::needed(
                "connectors.matrix.settings.server_name",
                "\"example.org\"".to_owned(),
                &["is missing", "homeserver's name"],
            ),
        ],
        further: Vec::new(),
    }
}
