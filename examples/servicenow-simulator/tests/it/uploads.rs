//! The media resource.

use agent_desk::Secret;
use reqwest::multipart::{Form, Part};
use servicenow_simulator::{Config, SignIn};

use crate::instance::{Answer, Instance, read};

const PATH: &str = "/api/now/cccif/media/upload";

fn file() -> Part {
    Part::bytes(b"bytes".to_vec()).file_name("a.png").mime_str("image/png").unwrap()
}

async fn upload(instance: &Instance, form: Form) -> Answer {
    read(instance.request(PATH).multipart(form).send().await.unwrap()).await
}

#[tokio::test]
async fn a_file_is_kept_and_has_an_address() {
    let instance = Instance::open().await;
    let answer = upload(&instance, Form::new().text("user_id", "jane").part("file", file())).await;
    assert_eq!((answer.status, instance.last().operation.as_str()), (201, "upload"));
    let result = &answer.body["result"];
    assert_eq!((&result["name"], &result["state"]), (&"a.png".into(), &"available".into()));
    let fetched = instance.client.get(result["mediaUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(fetched.headers()["content-type"], "image/png");
    assert_eq!(fetched.bytes().await.unwrap(), "bytes");
}

#[tokio::test]
async fn a_form_without_its_fields_is_refused() {
    let instance = Instance::open().await;
    for form in [
        Form::new().text("user_id", "jane"),
        Form::new().part("file", file()),
        Form::new().text("user_id", "").part("file", file()),
        Form::new().text("user_id", "jane").text("file", "no file"),
        Form::new().text("user_id", "jane").part("file", file()).text("surprise", "x"),
    ] {
        assert_eq!(upload(&instance, form).await.status, 400);
    }
    let plain = instance.request(PATH).body("bytes").send().await.unwrap();
    assert_eq!(plain.status(), 400);
}

#[tokio::test]
async fn nobody_uploads_who_is_not_signed_in() {
    let sign_in = vec![SignIn::Basic("handover".to_owned(), Secret::new("pass"))];
    let instance = Instance::with(Config { sign_in, ..Config::default() }).await;
    let form = Form::new().text("user_id", "jane").part("file", file());
    assert_eq!(upload(&instance, form).await.status, 401);
}
