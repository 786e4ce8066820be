//! Nothing crosses from one customer's conversation to another's.

use std::sync::Arc;

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn messages_are_listed_per_conversation_only() {
    let house = House::open().await;
    let (one, two) = (house.start().await, house.start().await);
    house.receive(&one, "mine").await;
    house.receive(&two, "not yours").await;

    let messages = house.messages(&one).await;
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0]["message"], "mine");
    assert_eq!(messages[0]["conversationId"], json!(one));
    assert!(house.messages("unknown").await.is_empty());
    for path in ["/api/chat/messages", "/api/chat/messages?conversationId="] {
        let everybodys = house.get(path).await;
        assert_eq!(everybodys.status, 400);
        assert!(everybodys.body["error"].as_str().unwrap().contains("conversationId"));
    }
}

#[tokio::test]
async fn ending_one_leaves_the_other() {
    let house = House::open().await;
    let (one, two) = (house.start().await, house.start().await);
    house.post("/api/chat/end", json!({ "conversationId": one })).await;
    house.receive(&two, "still here").await;
    assert_eq!(house.conversation(&two).await["status"], "waiting");
    assert_eq!(house.send(&one, "hello?").await.status, 410);
    assert_eq!(house.send(&two, "hello").await.status, 200);
}

#[tokio::test]
async fn many_conversations_at_once_keep_their_messages_and_their_order() {
    const CUSTOMERS: usize = 20;
    const TURNS: usize = 10;
    let house = Arc::new(House::open().await);
    let mut tasks = Vec::new();
    for customer in 0..CUSTOMERS {
        let house = Arc::clone(&house);
        tasks.push(tokio::spawn(async move {
            let id = house.start().await;
            for turn in 0..TURNS {
                house.receive(&id, &format!("c{customer} t{turn}")).await;
                assert_eq!(house.send(&id, &format!("a{customer} t{turn}")).await.status, 200);
            }
            (customer, id)
        }));
    }
    for task in tasks {
        let (customer, id) = task.await.unwrap();
        let expected: Vec<_> = (0..TURNS)
            .flat_map(|turn| [format!("c{customer} t{turn}"), format!("a{customer} t{turn}")])
            .collect();
        let stored: Vec<_> =
            house.messages(&id).await.iter().map(|m| m["message"].as_str().unwrap().to_owned()).collect();
        assert_eq!(stored, expected);
        let told: Vec<_> =
            house.gateway.messages().into_iter().filter(|m| m["ConversationId"] == json!(id)).collect();
        let told: Vec<_> = told.iter().map(|m| m["Message"].as_str().unwrap()).collect();
        assert_eq!(told, (0..TURNS).map(|turn| format!("a{customer} t{turn}")).collect::<Vec<_>>());
    }
}
