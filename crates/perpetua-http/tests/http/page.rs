//! Addresses that are for people, or for nobody.

use reqwest::Method;

use crate::harness::{Server, answer};

#[tokio::test]
async fn the_front_page_names_the_commands_in_both_languages() {
    let server = Server::start().await;
    let response = server.get("/").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; charset=utf-8"
    );
    let text = response.text().await.expect("a text");
    for words in [
        "正在运行",
        "is running",
        "perpetuad status",
        "perpetuad token",
        "README.zh-CN.md",
        "README.md",
    ] {
        assert!(text.contains(words), "{words}");
    }
}

#[tokio::test]
async fn an_unknown_address_says_so_and_repeats_no_query() {
    let server = Server::start().await;
    let (status, text) = answer(server.get("/nothing/here?access_token=abc")).await;
    assert_eq!(
        (status, text.as_str()),
        (
            404,
            "there is nothing at `/nothing/here`; `/` lists what there is\n"
        )
    );
}

#[tokio::test]
async fn a_wrong_method_says_so() {
    let server = Server::start().await;
    for path in ["/", "/healthz", "/metrics"] {
        let response = server
            .request(Method::DELETE, path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.status(), 405, "{path}");
        assert_eq!(response.headers()["allow"], "GET,HEAD", "{path}");
        assert!(
            response
                .text()
                .await
                .expect("a text")
                .contains("does not take `DELETE`"),
            "{path}"
        );
    }
}
