//! Gateways that answer in ways which no gateway should: redirects elsewhere, answers that trickle.

use std::time::Duration;

use podium::gateway::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Podium, Setup, empty_gateway};

/// A server that does the same with each connection; its address.
async fn stranger<F>(each: impl Fn(TcpStream, String) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 8_192];
            let read = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            tokio::spawn(each(stream, head));
        }
    });
    address
}

async fn in_front_of(address: &str, limits: Limits) -> Podium {
    let gateway = empty_gateway().await;
    let base_url = Some(format!("http://{address}"));
    Podium::start(&gateway, Setup { base_url, limits, ..Setup::default() }).await
}

#[tokio::test]
async fn the_key_follows_no_redirect_to_another_place() {
    for (to, words) in [
        ("https://gateway.example/", "redirect to https"),
        ("http://127.0.0.1:1/", "redirect to another address"),
        ("http://gateway.example/login", "redirect to another address"),
    ] {
        let address = stranger(move |mut stream, _| async move {
            let answer = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        })
        .await;
        let podium = in_front_of(&address, Setup::default().limits).await;
        let answer = podium.get("/tokens").await;
        assert_eq!(answer.status, 502);
        assert!(answer.detail().contains(words), "{to}: {}", answer.text);
        assert!(answer.detail().contains("LITELLM_BASE_URL"), "{}", answer.text);
        for secret in ["sk-sim", "gateway.example", "127.0.0.1"] {
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_redirect_within_the_gateway_is_followed_with_the_key() {
    let address = stranger(|mut stream, head| async move {
        let answer = if head.starts_with("GET /moved") {
            assert!(head.contains("sk-sim"), "the key goes with it");
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
        } else {
            "HTTP/1.1 307 Temporary Redirect\r\nLocation: /moved\r\nContent-Length: 0\r\n\r\n"
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    })
    .await;
    let podium = in_front_of(&address, Setup::default().limits).await;
    let answer = podium.get("/tokens").await;
    assert!(answer.detail().contains("unexpected shape"), "it was followed: {}", answer.text);
}

#[tokio::test]
async fn an_answer_that_only_trickles_is_given_up() {
    let address = stranger(|mut stream, _| async move {
        let _ =
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let limits = Limits { silence: Duration::from_millis(300), ..Setup::default().limits };
    let podium = in_front_of(&address, limits).await;
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.status, 502);
    assert!(answer.detail().contains("did not answer in time"), "{}", answer.text);
}

#[tokio::test]
async fn a_port_that_speaks_something_else_is_explained() {
    let address = stranger(|mut stream, _| async move {
        // A TLS alert, as a TLS port answers plain HTTP.
        let _ = stream.write_all(&[0x15, 3, 1, 0, 2, 2, 0x46]).await;
    })
    .await;
    let podium = in_front_of(&address, Setup::default().limits).await;
    let answer = podium.get("/tokens").await;
    assert!(answer.detail().contains("begin with https://"), "{}", answer.text);
    let plain = empty_gateway().await;
    let base_url = Some(plain.url().replace("http://", "https://"));
    let podium = Podium::start(&plain, Setup { base_url, ..Setup::default() }).await;
    let answer = podium.get("/tokens").await;
    assert!(answer.detail().contains("begin with http://"), "{}", answer.text);
}
