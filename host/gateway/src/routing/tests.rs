#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use handover_handoff::ConversationKey;
use handover_handoff::address::{Account, ReturnAddress, Route};
use handover_handoff::vendor::{Customer, StartRequest};

use super::*;

fn turn(inputs: &[(&str, &str)]) -> Turn {
    let attribute = |(name, value): &(&str, &str)| Attribute { name: (*name).into(), value: (*value).into() };
    Turn {
        key: ConversationKey {
            tenant: "default".to_owned(),
            channel: "msteams".to_owned(),
            conversation: "c".to_owned(),
        },
        address: ReturnAddress {
            to_bot: Route::Held,
            to_customer: Route::Held,
            channel: "msteams".to_owned(),
            conversation: "c".to_owned(),
            service_url: String::new(),
            bot: None,
            customer: Account::default(),
            locale: None,
            caller: Some("6A1F…".to_owned()),
        },
        customer: Customer {
            locale: Some("de-CH".to_owned()),
            attributes: vec![Attribute { name: "tenantId".to_owned(), value: "T-1".to_owned() }],
            ..Customer::default()
        },
        activity: None,
        inline: false,
        request: Request::Start(StartRequest {
            attributes: inputs.iter().map(attribute).collect(),
            ..StartRequest::default()
        }),
    }
}

fn routing(text: &str) -> RoutingSection {
    toml::from_str(text).unwrap()
}

fn goes(text: &str, turn: &Turn) -> Vec<String> {
    let routing = routing(text);
    way(&routing, turn, |name| name != "nowhere").connectors.into_iter().map(str::to_owned).collect()
}

#[test]
fn without_rules_all_go_one_way() {
    assert_eq!(goes("default = 'zendesk'\nfallback = ['contoso']", &turn(&[])), ["zendesk", "contoso"]);
}

#[test]
fn the_first_rule_that_holds_counts() {
    let rules = "
        default = 'zendesk'
        fallback = ['contoso']
        [[rules]]
        connector = 'never'
        when = { channel = 'msteams', inputs = { Department = ['sales', 'billing'] } }
        [[rules]]
        connector = 'eu'
        fallback = ['us']
        when = { agent = '6a1f…', tenant = 't-1', locale = ['fr', 'DE'] }
        [[rules]]
        connector = 'later'
    ";
    assert_eq!(goes(rules, &turn(&[])), ["eu", "us"]);
    assert_eq!(goes(rules, &turn(&[("department", " Billing ")])), ["never"]);
    let mut english = turn(&[]);
    english.customer.locale = Some("den".to_owned());
    assert_eq!(goes(rules, &english), ["later"], "a language is more than the letters it begins with");
    english.customer.locale = None;
    assert_eq!(goes(rules, &english), ["later"], "what is not known does not hold");
}

#[test]
fn a_rule_may_only_say_what_the_vendor_is_told() {
    let section = routing(
        "default = 'zendesk'
         fallback = ['contoso']
         attributes = { queue = 'all', priority = 'low' }
         [[rules]]
         attributes = { queue = 'german' }
         when.locale = 'de'",
    );
    let turn = turn(&[]);
    let way = way(&section, &turn, |_| true);
    assert_eq!(way.connectors, ["zendesk", "contoso"]);
    let told: Vec<(&str, &str)> =
        way.attributes.iter().map(|told| (told.name.as_str(), told.value.as_str())).collect();
    assert_eq!(told, [("priority", "low"), ("queue", "german")]);
}

#[test]
fn a_topic_may_name_a_connector_that_is_there() {
    let rules = "default = 'zendesk'\nfallback = ['contoso']";
    assert_eq!(goes(rules, &turn(&[("Connector", "genesys")])), ["genesys", "zendesk", "contoso"]);
    assert_eq!(goes(rules, &turn(&[("connector", "contoso")])), ["contoso", "zendesk"]);
    assert_eq!(goes(rules, &turn(&[("Connector", "nowhere")])), ["zendesk", "contoso"]);
    let closed = format!("{rules}\ninput = ''");
    assert_eq!(goes(&closed, &turn(&[("Connector", "genesys")])), ["zendesk", "contoso"]);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let wrong = routing(
        "default = 'zendesk'
         fallback = ['zendesk']
         [[rules]]
         when.channel = 'msteams'
         [[rules]]
         connector = 'a'
         fallback = ['b', 'a']",
    )
    .mistakes();
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    assert!(wrong[0].starts_with("`routing.rules.0`: it changes nothing"), "{wrong:?}");
}
