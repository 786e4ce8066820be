//! Where the certificate of Amazon SNS may be fetched from, and for whom.

use handover_signatures::{AwsSns, Refusal, Scheme, sns_certificate_url};

use crate::case::{Case, case};

fn address(case: &Case) -> Result<String, Refusal> {
    let Scheme::AwsSns(sns) = &case.scheme else { panic!("a vector of SNS") };
    sns_certificate_url(sns, &case.body, case.now_ms).map(|url| url.to_string())
}

fn at(url: &str) -> Result<String, Refusal> {
    let mut case = case("sns-notification-2");
    let mut message: serde_json::Value = serde_json::from_slice(&case.body).unwrap();
    message["SigningCertURL"] = url.into();
    case.body = serde_json::to_vec(&message).unwrap();
    address(&case)
}

#[test]
fn addresses_of_amazon_sns_are_taken() {
    for url in [
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-gov-west-1.amazonaws.com/SimpleNotificationService-f.pem",
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem",
    ] {
        assert_eq!(at(url).unwrap(), url);
    }
}

#[test]
fn no_other_address_is_taken() {
    for url in [
        "",
        "nonsense",
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "file:///SimpleNotificationService-0.pem",
        "https://sns.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns..amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.a.b.amazonaws.com/SimpleNotificationService-0.pem",
        "https://s3.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com.cn.evil.example/SimpleNotificationService-0.pem",
        "https://evil.example/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://xsns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
        "https://user@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://:p@sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com:444/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com:443/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem?x",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem#x",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.crt",
        "https://sns.eu-central-1.amazonaws.com/x/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/x/../SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0/x.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-%30.pem",
        "https://sns.eu-central-1.amazonaws.com/?/SimpleNotificationService-0.pem",
        "https:\\\\sns.eu-central-1.amazonaws.com\\SimpleNotificationService-0.pem",
        "HTTPS://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        " https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com./SimpleNotificationService-0.pem",
        "https://127.0.0.1/SimpleNotificationService-0.pem",
        "https://[::1]/SimpleNotificationService-0.pem",
    ] {
        assert_eq!(at(url), Err(Refusal::CertificateAddress), "{url}");
    }
}

#[test]
fn nothing_is_fetched_for_a_message_that_would_be_refused_anyway() {
    let mut late = case("sns-notification-2");
    late.now_ms += 4_000_000;
    assert_eq!(address(&late).unwrap_err().label(), "too-old");
    let mut foreign = case("sns-notification-2");
    foreign.scheme = Scheme::AwsSns(AwsSns { topics: vec!["another".into()], tolerance_s: 3600 });
    assert_eq!(address(&foreign), Err(Refusal::OtherTopic));
    let mut none = case("sns-notification-2");
    none.body = b"{}".to_vec();
    assert_eq!(address(&none), Err(Refusal::MalformedMessage));
}
