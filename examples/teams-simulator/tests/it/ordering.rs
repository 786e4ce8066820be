//! Many words at once, in order and each in its own conversation.
use serde_json::{Value, json};

use crate::world::{World, agent_says, eventually};

fn texts(of: &[Value]) -> Vec<String> {
    of.iter().map(|one| one["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn one_conversations_words_arrive_one_after_the_other() {
    let world = World::new().await;
    let jane = world.customer().await;
    jane.escalates().await;
    let words: Vec<String> = (0..50).map(|n| format!("word {n}")).collect();
    // Some are refused for now: nothing may overtake what is being repeated.
    world.skill.nth(1).await;
    world.skill.answer_next(503, json!({}));
    for word in &words {
        jane.write(word).await;
    }
    world.skill.nth(52).await;
    let received = world.skill.received();
    assert_eq!(texts(&received[2..4]), ["word 0", "word 0"]);
    assert_eq!(texts(&received[3..]), words);
    assert_eq!(world.skill.most_at_once(), 1);
}

#[tokio::test]
async fn many_conversations_do_not_mix() {
    let world = World::new().await;
    let mut customers = Vec::new();
    for _ in 0..8 {
        customers.push(world.customer().await);
    }
    for customer in &customers {
        customer.escalates().await;
    }
    for n in 0..10 {
        for customer in &customers {
            customer.write(&format!("{} {n}", customer.id)).await;
            customer.connector("/activities", agent_says(&format!("{} {n}", customer.id))).await;
        }
    }
    let expected = customers.len() * 12;
    let received = eventually("everything at the skill", || async {
        let received = world.skill.received();
        if received.len() == expected { Ok(received) } else { Err(json!(received.len())) }
    })
    .await;
    for customer in &customers {
        let own: Vec<Value> = received
            .iter()
            .filter(|activity| activity["conversation"]["id"] == customer.id)
            .skip(2)
            .cloned()
            .collect();
        let words: Vec<String> = (0..10).map(|n| format!("{} {n}", customer.id)).collect();
        assert_eq!(texts(&own), words);
        let mut transcript = customer.transcript().await;
        transcript.retain(|entry| entry["from"] == "agent");
        let answers: Vec<String> = words.iter().map(|word| format!("**Contoso Support**: {word}")).collect();
        assert_eq!(texts(&transcript), answers);
    }
}

#[tokio::test]
async fn what_is_written_while_the_start_is_under_way_follows_the_problem() {
    let world = World::new().await;
    world.skill.by_hand();
    let jane = world.customer().await;
    jane.write("talk to a person").await;
    jane.write("It beeps").await;
    let start = world.skill.nth(0).await;
    jane.write("and blinks").await;
    world.skill.end(&start, json!({ "LiveChatConversationId": "c" })).await;
    world.skill.nth(2).await;
    assert_eq!(texts(&world.skill.received()), ["", "It beeps", "and blinks"]);
}
