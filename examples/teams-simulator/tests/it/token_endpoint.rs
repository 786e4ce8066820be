//! Apps get tokens for their secrets, and Entra's errors for what is wrong.
use serde_json::{Value, json};
use teams_simulator::{Config, Tokens};

use crate::{jwt, world::World};

const CONNECTOR: &str = "https://api.botframework.com/.default";

/// Who asks for what.
pub struct Request {
    pub tenant: String,
    pub fields: Vec<(&'static str, String)>,
}

impl Request {
    pub fn of_skill(world: &World, scope: &str) -> Self {
        let running = &world.running;
        Self::new(world, running.skill_app_id(), running.skill_secret().reveal(), scope)
    }

    pub fn of_agent(world: &World, scope: &str) -> Self {
        let running = &world.running;
        Self::new(world, running.agent_app_id(), running.agent_secret().reveal(), scope)
    }

    fn new(world: &World, app: &str, secret: &str, scope: &str) -> Self {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", app),
            ("client_secret", secret),
            ("scope", scope),
        ];
        let fields = fields.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self { tenant: world.running.tenant_id().to_owned(), fields }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        for field in &mut self.fields {
            if field.0 == name {
                value.clone_into(&mut field.1);
            }
        }
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.fields.retain(|field| field.0 != name);
        self
    }

    async fn send(&self, world: &World) -> (u16, Value) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&self.fields);
        let request = world
            .http
            .post(world.url(&format!("/{}/oauth2/v2.0/token", self.tenant)))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    pub async fn token(&self, world: &World) -> String {
        let (status, body) = self.send(world).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().expect("a token").to_owned()
    }
}

async fn keys(world: &World) -> Value {
    world.get(&format!("/{}/discovery/v2.0/keys", world.running.tenant_id())).await
}

#[tokio::test]
async fn the_skill_gets_a_token_for_the_agent_that_another_implementation_verifies() {
    let world = World::new().await;
    let (skill, agent) = (world.running.skill_app_id(), world.running.agent_app_id());
    for scope in [format!("{agent}/.default"), format!("api://{agent}/.default")] {
        let (status, body) = Request::of_skill(&world, &scope).send(&world).await;
        assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(3599)));
        let token = body["access_token"].as_str().expect("a token");
        let claims = jwt::verified(&keys(&world).await, token).expect("it verifies");
        assert_eq!((&claims["aud"], &claims["azp"]), (&json!(agent), &json!(skill)));
        assert_eq!((&claims["ver"], &claims["tid"]), (&json!("2.0"), &json!(world.running.tenant_id())));
        assert_eq!(claims["iss"], world.running.issuers()[0]);
        assert_eq!(
            claims["exp"].as_i64().zip(claims["nbf"].as_i64()).map(|(exp, nbf)| exp - nbf),
            Some(3600)
        );
    }
    assert_eq!(world.running.issued_tokens(), 2);
}

#[tokio::test]
async fn the_bot_connectors_tokens_are_of_version_1() {
    let world = World::new().await;
    let token = Request::of_agent(&world, CONNECTOR).token(&world).await;
    let claims = jwt::verified(&keys(&world).await, &token).expect("it verifies");
    assert_eq!(claims["aud"], "https://api.botframework.com");
    assert_eq!((&claims["appid"], &claims["ver"]), (&json!(world.running.agent_app_id()), &json!("1.0")));
    assert_eq!(claims["iss"], world.running.issuers()[1]);
}

#[tokio::test]
async fn tokens_of_version_1_name_the_resource_as_it_was_asked_for() {
    let world = World::with(|config| config.switches.tokens = Tokens::V1).await;
    let resource = format!("api://{}", world.running.agent_app_id());
    let token = Request::of_skill(&world, &format!("{resource}/.default")).token(&world).await;
    let (_, claims) = jwt::read(&token);
    assert_eq!((&claims["aud"], &claims["appid"]), (&json!(resource), &json!(world.running.skill_app_id())));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_as_entra_says_it() {
    let world = World::new().await;
    let good = || Request::of_skill(&world, CONNECTOR);
    let other_tenant = Request { tenant: "botframework.com".into(), ..good() };
    for (request, status, error, code) in [
        (good().with("client_secret", "guess"), 401, "invalid_client", 7_000_215),
        (good().with("client_id", "00000000-dead"), 400, "unauthorized_client", 700_016),
        (other_tenant, 400, "invalid_request", 90002),
        (good().with("scope", "https://api.botframework.com"), 400, "invalid_scope", 70011),
        (good().with("scope", "openid a/.default"), 400, "invalid_scope", 70011),
        (good().with("scope", "api://nobody/.default"), 400, "invalid_resource", 500_011),
        (good().with("grant_type", "password"), 400, "unsupported_grant_type", 70003),
        (good().without("client_secret"), 401, "invalid_client", 7_000_216),
        (good().without("scope"), 400, "invalid_request", 900_144),
    ] {
        let (answered, body) = request.send(&world).await;
        assert_eq!((answered, &body["error"]), (status, &json!(error)), "{body}");
        assert_eq!(body["error_codes"], json!([code]));
        let described = body["error_description"].as_str().expect("a description");
        assert!(described.starts_with(&format!("AADSTS{code}: ")), "{described}");
        assert!(body["trace_id"].is_string() && body["correlation_id"].is_string());
    }
    assert_eq!(world.running.issued_tokens(), 0);
}

#[tokio::test]
async fn secrets_are_others_in_each_run_unless_given_and_do_not_show() {
    let (one, two) = (World::new().await, World::new().await);
    let secret = one.running.skill_secret();
    assert!(secret.reveal().len() >= 32);
    assert_ne!(secret, two.running.skill_secret());
    assert_ne!(secret, one.running.agent_secret());
    let given = World::with(|config| config.agent_secret = Some("given".to_owned().into())).await;
    assert_eq!(given.running.agent_secret().reveal(), "given");
    let config = Config { agent_secret: Some("given".to_owned().into()), ..Config::default() };
    assert!(!format!("{config:?}").contains("given"));
}

#[tokio::test]
async fn the_record_of_the_wire_keeps_neither_secrets_nor_usable_tokens() {
    let world = World::new().await;
    let token = Request::of_skill(&world, CONNECTOR).token(&world).await;
    let jane = world.customer().await;
    let request = jane.connector_request("/activities", json!({ "type": "typing" })).bearer_auth(&token);
    request.send().await.expect("an answer");
    let wire = world.get("/api/wire").await;
    assert_eq!((&wire[0]["route"], &wire[0]["answer"]["status"]), (&json!("authority"), &json!(200)));
    assert_eq!(wire[0]["body"]["scope"], CONNECTOR);
    let (signed, signature) = token.rsplit_once('.').expect("parts");
    let wire = wire.to_string();
    assert!(wire.contains(signed), "what it says can be looked at");
    assert!(!wire.contains(signature));
    assert!(!wire.contains(world.running.skill_secret().reveal()));
}
